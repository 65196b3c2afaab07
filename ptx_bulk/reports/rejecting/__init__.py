"""The rows to mend and import again, as CSV or as a workbook."""
