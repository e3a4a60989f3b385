"""Vigil carries an organisation through an incident, at home in Discord."""

VERSION = "0.1.0"
