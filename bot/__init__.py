"""Vigil carries an organisation through an incident, at home in Discord."""
