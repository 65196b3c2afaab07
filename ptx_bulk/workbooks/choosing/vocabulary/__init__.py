"""The words by which headings, lists and reasons are known: data files in seven languages, and providers' exports."""
