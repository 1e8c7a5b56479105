"""Lines that many documents of one folder share because they were copied from one place: notices and navigation.

A rule that many documents share stays a rule. So repetition is not enough: a line must stand near the beginning or
the end of its document, must speak as notices and menus do, and must not speak as rules do.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

EDGE = 12  # lines with text, from either end: headers and footers of help centres run to ten
LEAST_DOCUMENTS = 3
LEAST_SHARE = 0.02  # of the folder's documents; a folder may hold copies from many sites

_ORIGIN = (
    # who made the copy and who owns it: never a rule, whatever else the line says
    r"©|\(c\) *(19|20)\d\d|copyright|all rights reserved|todos los derechos reservados|无断转载|無断転載|무단 ?전재"
    r"|版权所有|版權所有|著作权归|icp备|icp證|公网安备|本文(档|档案|件)?(由|来自|來自|转自|轉自|源自)|本(资料|資料|页面|頁面)由"
    r"|转载(请|須|须|自)|轉載(請|須|自)|(百度|豆丁|道客|新浪|原创力|人人)文库|豆丁网|道客巴巴|文库(网|下载)|更多(精彩|文档|資料|资料|内容)"
)
_MENU = (
    r"(下载|下載|浏览|瀏覽|阅读|閱讀|点击|點擊|访问|訪問|收藏|评论|評論)(次数|次數|量|数|數|人数|人數)?[:： ]*\d"
    r"|(下载|浏览|阅读|点击|访问)(次数|量|数)|当前位置|當前位置|您(现在)?的位置|(上|下)一(篇|页|頁|条)|返回(顶部|頂部|首页|首頁|列表|目录)"
    r"|(打印|列印)(本页|本頁|此页)|下载地址|关闭(窗口|本页)|分享(到|至)|扫一扫|扫码|掃碼|(关注|關注)(我们|我們|公众号|公眾號|微信)|(搜索|添加)微信公众号"
    r"|^(首页|首頁|登录|登錄|注册|註冊|收藏|举报|打印|分享|关闭|搜索|菜单|目录导航|联系我们|聯絡我們|关于我们|网站地图|友情链接)$"
    r"|这篇(文章|内容)(对您)?有(帮助|用)吗|(相关|相關)(文章|阅读|推荐|文档)|技术支持[:：]|主办单位[:：]|文档(编号|格式|大小|页数)[:：]"
    r"|(back|go) to (the )?top|skip to (the )?(main )?content|was this (article|page|answer) helpful|share this|print this"
    r"|(page )?views?: *\d|downloads?: *\d|^(sign|log) (in|up|out)$|follow us|subscribe to|related (articles|posts|pages)"
    r"|(cookie|cookies) (settings|policy|preferences)|powered by|return to (home|index)"
    r"|ページの先頭|トップページ|トップへ|(前|次)の(ページ|記事)|閲覧数|この(記事|ページ)は(お)?役に立ちましたか|印刷する|サイトマップ"
    r"|맨 ?위로|목록(으로)?$|이전 ?글|다음 ?글|조회수|이 글이 도움이|volver (arriba|al inicio)|¿(te|le) (ha )?(resultó|sido) útil|imprimir esta página"
)
_RULE = (
    r"应当|應當|应该|不得|必须|必須|禁止|不予|可以|有权|有權|无权|负责解释|施行|生效|承担|承擔|赔|賠|退货|退貨|退款|换货|保修|违约"
    r"|しなければ|できます|できません|ものとする|해야|할 수|없습니다|debe|podrá|no se permite"
    r"|\b(must|shall|may not|may only|entitled|required to|refund|within \d+|will not|effective)\b"
)
_NUMBERED = re.compile(
    r"^(第 *[\d一二三四五六七八九十百千零〇]+ *[条條章节節款项項编編]|[(（]?[\d一二三四五六七八九十]+[)）.、．]|§|article |section )",
    re.I,
)
_TRAIL = re.compile(r"^[^>›»|]{1,20}( *[>›»|] *[^>›»|]{1,20}){2,}$")
_SENTENCE_END = re.compile(r"[。！？；]|[.!?;](\s|$)")


def shared_lines(texts: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Document -> those of its lines (trimmed) that are the folder's boilerplate; documents without any are left out.

    `texts`: the stored texts of all documents of one folder. The order of documents does not matter.
    """
    edges = {document: {line: _form(line) for line in _edge_lines(text)} for document, text in texts.items()}
    holders = Counter(form for lines in edges.values() for form in set(lines.values()))
    least = max(LEAST_DOCUMENTS, LEAST_SHARE * len(texts))
    common = {form for form, count in holders.items() if count >= least}
    found = {}
    for document, lines in edges.items():
        if notices := frozenset(line for line, form in lines.items() if form in common and is_notice(line)):
            found[document] = notices
    return found


def is_notice(line: str) -> bool:
    """Whether a line speaks as a site's notice, counter or menu does, and not as a rule."""
    folded = unicodedata.normalize("NFKC", line).casefold().strip()
    if _NUMBERED.match(folded):
        return False
    if re.search(_ORIGIN, folded):
        return True
    if re.search(_RULE, folded):
        return False
    return bool(re.search(_MENU, folded)) or bool(_TRAIL.match(folded) and not _SENTENCE_END.search(folded))


def _edge_lines(text: str) -> Iterable[str]:
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    return [*lines[:EDGE], *lines[-EDGE:]]


def _form(line: str) -> str:
    """What is compared: counters and dates differ from copy to copy."""
    folded = unicodedata.normalize("NFKC", line).casefold()
    return re.sub(r"\d+", "0", re.sub(r"\s+", " ", folded)).strip()
