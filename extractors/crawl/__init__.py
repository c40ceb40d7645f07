"""Fetching public pages: politely, safely, and so that a failure is never mistaken for an absence.

    Crawler.get        one URL: its host's turn, robots, redirects hop by hop, one typed outcome
    HostState          what must be remembered of a host between runs: handed in, handed back
    CrawlLedger        what a night did, computed from the outcomes

Nothing here writes anywhere; nothing here raises for what a server says or does.
"""
