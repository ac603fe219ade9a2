"""The only package that imports prefect; imported only by `installer.prefect_setup.__main__`."""
