"""The command ``kerasarch``: one file per subcommand, imported only when it is called."""
