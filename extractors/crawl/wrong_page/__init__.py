"""Whether an answer is the page that was asked for."""

from extractors.crawl.wrong_page.detection import Asked, Refusal, challenged, judge, may_be_the_front, same_as
from extractors.crawl.wrong_page.page_shape import Shape, shape_of

__all__ = ["Asked", "Refusal", "Shape", "challenged", "judge", "may_be_the_front", "same_as", "shape_of"]
