"""Whole sheets in and out: places, menu, teams, volunteers and days as CSV, XLSX and GeoJSON."""
