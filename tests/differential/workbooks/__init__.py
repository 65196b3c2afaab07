"""Random workbooks of three programs, read by the product, by openpyxl and by LibreOffice."""
