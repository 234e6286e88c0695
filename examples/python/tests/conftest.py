import pytest


def pytest_addoption(parser):
    parser.addoption("--bits", help="what the program `bits` has written")


@pytest.fixture
def bits(request):
    return request.config.getoption("--bits") or pytest.fail("--bits FILE: cargo run --release -p bits >FILE")
