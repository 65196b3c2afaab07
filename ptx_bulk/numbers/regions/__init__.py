"""Numbering plans: what phonenumbers knows of regions, their families and the names of countries."""
