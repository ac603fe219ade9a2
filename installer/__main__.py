"""`python -m installer` is flowforge-install."""

from installer.cli.main import main

if __name__ == "__main__":
    main()
