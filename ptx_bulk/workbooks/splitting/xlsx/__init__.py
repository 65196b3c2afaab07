"""XLSX in parts: rows leave the sheet's markup, what follows moves up, and all else of the package stays as it is."""
