"""The thin rim towards Discord: parse, call one service, present. No rules, no queries."""
