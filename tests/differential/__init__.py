"""The product beside other programs: `phonenumbers` for numbers, openpyxl and LibreOffice for cells."""
