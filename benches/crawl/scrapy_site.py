"""The site of the bench, crawled as most people do it: Scrapy, text by BeautifulSoup over lxml.

Runs in an environment of its own. Prints pages, characters and seconds as JSON.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import scrapy
from bs4 import BeautifulSoup
from scrapy.crawler import CrawlerProcess

found = {"pages": 0, "characters": 0, "seconds": 0.0, "worked": 0.0}


class Site(scrapy.Spider):
    name = "site"
    start_urls = json.loads(Path(sys.argv[1]).read_text())

    def parse(self, response: Any) -> None:
        found["pages"] += 1
        found["characters"] += len(BeautifulSoup(response.body, "lxml").get_text())


process = CrawlerProcess({"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "ROBOTSTXT_OBEY": True})
process.crawl(Site)
begin, worked = time.perf_counter(), time.process_time()
process.start()
found["seconds"], found["worked"] = time.perf_counter() - begin, time.process_time() - worked
print(json.dumps(found))
