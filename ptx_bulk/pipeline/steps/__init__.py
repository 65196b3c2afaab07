"""What commands share: from files to lines, from a plan to outcomes that are proven, from outcomes to reports."""
