"""A pytest plugin: what the project asks of Python 3.7 and later versions no longer have."""

import cgi
import html
import platform

platform.linux_distribution = lambda: ("Linux", "", "")
cgi.escape = html.escape
