"""Commands that change a list, or say what they would change: from files, a saved plan or an earlier run."""
