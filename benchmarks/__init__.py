"""Ratios against a bare baseline, measured in one run on one machine: `make bench`."""
