"""What stands in the journal's rows: records, and the forms they are stored in."""
