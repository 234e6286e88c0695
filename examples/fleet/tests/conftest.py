def pytest_addoption(parser):
    parser.addoption("--boards", required=True, help="folder with the images that `board/build` has written")
