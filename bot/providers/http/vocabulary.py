"""The words by which errors are recognised, in lower case; the first table that knows a text decides, in its order."""

from __future__ import annotations

import re
from typing import Final

from bot.errors import ErrorKind


def _any(*forms: str) -> re.Pattern[str]:
    """Compile words in any of their forms; a blank matches any or no mark between words (``model_not-found``)."""
    return re.compile("|".join(forms).replace(" ", r"[\s_.\-]{0,2}"))


LATER: Final = _any(
    "temporar(y|ily)", "currently (unavailable|overloaded|loading|busy)", "cool ?down",
    r"try again (in|later|after)", "稍后", "稍後",
)  # fmt: skip
SOON: Final = _any(
    r"per (second|minute|min)\b",
    "每分钟",
    "每分鐘",
    "每秒",
    r"\b[rt]p[ms]\b",
)
_FOUND: Final = r"(not found|(does|do|did)( not|n't) exist|not exist\b)"
TELLING: Final = (
    (
        _any(
            "throttling", r"resource has been exhausted \W?e",
        ),
        ErrorKind.RATE_LIMITED,
    ),
    (
        _any(
            "敏感", "违反", "違反", "违规", "違規", "不合规", "内容安全", "內容安全", "安全审核", "审核(不|未)通过",
            "不适宜", "content filter", "content policy", "content management policy", "content moderation",
            "content check", "moderation", "sensitive words", r"(?<!case.)(?<!case)(?<!in)sensitive",
            "inappropriate", "censor", "exists risk", r"content\b.{0,60}\bblocked", "data inspection",
            r"prohibited content", "guardrail", "responsible ?ai",
            "considered high risk", r"violat(es?|ed|ing|ions?)\b.{0,60}\b(polic|guideline|terms|rules)",
            r"(usage|safety|community) (polic|guideline)", r"flagged (as|by|for)", "polic(y|ies) violation",
            "safety (system|filter|setting|check|reason)", r"(blocked|rejected)\b.{0,30}\b(safety|polic|filter)",
            "unsafe content", "不適切", "부적절",
        ),
        ErrorKind.CONTENT_FILTERED,
    ),
    (
        _any(
            "maximum context length",
            r"context (length|window|size|limit)\w*\b.{0,60}(exceed|too|larger|longer|greater|smaller|only)",
            r"(exceed\w*|over|larger|longer|greater)\b.{0,40}\bcontext (length|window|size|limit)",
            "context (length|window|size|limit) exceeded", "exceed context",
            "max(imum)? (prompt|input|model) (length|len)",
            r"\b(prompt|input|conversation|messages?|context|history)\b.{0,40}\btoo (long|large|many)",
            "prompt too long", r"(prompt|input) (is|was) (over|above)", "string above max length",
            r"request (entity )?too large", "payload too large", r"too many (input |prompt |total )?tokens",
            r"(input|prompt|total|request\w*|message) tokens?( count| length)?\b.{0,30}(exceed|>|larger|greater)",
            r"exceed\w*\b.{0,20}\b(model|input|prompt|message) tokens?", "reduce the length of",
            "range of input length", r"inputs?`? (tokens|must have less)", r"tokens?\b.{0,80}too large for model",
            r"longer than the (maximum )?model",
            r"max (completion )?tokens must be at least 1, got -\d",  # what the prompt leaves of the window
            "上下文.{0,12}(过长|太长|超|限制)",
            "(输入|提示词|消息|对话|内容|请求|prompt).{0,10}(过长|太长|超长|(超过|超出).{0,16}(长度|限制|上限))",
            "(过长|超长).{0,10}(输入|提示词|消息|对话)",
            r"token\s?\S{0,6}(超过|超出|超限).{0,10}(长度|模型|上下文|最大|限制|上限)", "长度(超过|超出|超限)",
            "上下文長度", "(輸入|提示詞|訊息|對話|內容|請求).{0,10}(過長|太長|(超過|超出).{0,16}(長度|限制|上限))",
            "コンテキスト長", "최대 컨텍스트",
        ),
        ErrorKind.TOO_LONG,
    ),
    (
        _any(
            "mmproj",
            r"(image|vision|picture|multi ?modal)( input| content| url| part)?s?\W{0,2} (is|are)"
            r" (not|un) ?(supported|enabled|allowed)",
            r"(does|do)( not|n't) (support|accept|have|take|allow)\b.{0,30}\b(image|vision|picture|multi ?modal)s?\b"
            r"(?! (generation|edit|size|output))",
            r"no endpoints found that support image", r"image url is only supported",
            r"(variant|type)\W{1,3}image url", r"not a (vision|multi ?modal) model", "only supports? text",
            r"at most 0 image", r"(cannot|can't|can not|unable to) (read|see|process|view) (image|picture)",
            "不支持.{0,6}(图片|图像|视觉|多模态|识图|看图)(?!生成)", "(图片|图像|视觉)(输入|理解)?.{0,4}不支持",
            "不支援.{0,6}(圖片|圖像|視覺)",
        ),
        ErrorKind.NO_VISION,
    ),
    (
        _any(
            "unsupported country", "country, region, or territory", r"user location is not supported",
            r"not (available|supported|offered|included|allowed|accessible|enabled)\b.{0,30}"
            r"\b(region|country|territory|location|plan|tier|subscription|area)\b",
            r"\b(region|country|territory|location)\b.{0,30}\bnot (supported|available|allowed)",
            "region (not|is) ?(un)?supported",
            r"\b(plan|tier|subscription)\b.{0,30}(not|n't) (include|support|allow|cover|have|provide|permit)",
            r"(require|need)s? an? (paid|pro|plus|premium|higher|business|enterprise|active)?\W?"
            r"(plan|tier|subscription)\b",
            r"upgrade (to|your)\b.{0,30}\b(plan|tier|subscription)", "accessdenied unpurchased", "model not open",
            "(地区|地域|区域|国家|地區).{0,10}(不支持|不可用|不允许|受限|无法|不在|不提供)",
            "不支持.{0,8}(地区|地域|区域|国家)", "套餐.{0,10}(不支持|不包含|暂未|未包含|不含|无权)",
            "(未开通|未購買|未购买).{0,10}(模型|服务|套餐)",
        ),
        ErrorKind.REGION,
    ),
    (
        _any(
            "insufficient (user )?(quota|balance|credit|fund|account)",
            r"balance\b.{0,30}(insufficient|not enough|too low|exhausted|negative)",
            r"(?<!rate.)(?<!rate)quota(?! increase)",
            "billing", "余额", "餘額", "额度", "額度", "欠费", "欠費", "配额", "配額", "充值", "点数不足",
            "次数(不足|已用)", "(用量|套餐|流量).{0,6}(用完|用尽|耗尽|已过期|到期)", "已用尽", "arrear", "overdue",
            r"(out of|not enough|no|more|add|low on|insufficient) credits?", "credit balance", "payment required",
            r"usage limit", "used up", r"daily( \w+)? limit", "per day",
            "(每日|当日|今日|当天).{0,8}(上限|限额|用完|用尽)",
            r"\b(have|has) any credits?", "spend(ing)? limit", r"budget (has been )?exceeded",
            "resource ?pack\\w* ?exhaust",
            "exceeded budget", "free tier.{0,20}exhaust", "残高", "잔액",
        ),
        ErrorKind.QUOTA,
    ),
    (
        _any(
            "不支持的模型", "无可用(的)?(渠道|通道)", "没有可用(的)?(渠道|通道)", "無可用(的)?(渠道|通道)",
            "(无效|未知|错误|不存在)的模型", "模型.{0,20}(不存在|未找到|找不到|已下线|已停用|无效)",
            "(未|没有?|找不)(找到|到).{0,12}模型", "模型(名称?|标识)?.{0,4}(错误|有误)", "model not exist",
            "model not found", f"model name {_FOUND}", "(unknown|no such|invalid|unrecognized) model",
            rf"models?(?![a-z0-9]).{{0,80}}\b{_FOUND}", "not found the model", r"no available channel", "pinned to",
            r"(supported|available|valid)( api)? models?( name| id)?s? (are|is)\b", r"not a valid model",
            r"no endpoints found (for|matching)", rf"deployment\b.{{0,60}}{_FOUND}", "deployment not found",
            "try pulling it", "no models? loaded", "unable to access model", r"\Amodel: \S+\Z",
            r"models?(?![a-z0-9]).{0,60}\b(been|is|was) (deprecated|removed|retired|decommissioned|shut ?down)",
            r"models?(?![a-z0-9]).{0,60}no longer (available|supported)", r"invalid endpoint or ?model",
            "モデル.{0,20}(存在しません|見つかりません)", "모델.{0,20}(없습니다|찾을 수)",
        ),
        ErrorKind.UNKNOWN_MODEL,
    ),
)  # fmt: skip
UNCERTAIN_MODEL: Final = _any(
    "unsupported model",
    r"models?(?![a-z0-9]).{0,60}\b(is not|not|isn't|un) ?(available|supported|recognized|loaded|served|valid)\b",
    "模型.{0,20}(不可用|不支持)",
)  # fmt: skip
"""Words of a model that is not there, unless it is only busy, or something about it is not supported."""
ACCESS: Final = (
    (
        _any(
            r"rate (limit|quota)", "too many requests", "too frequent", "频繁", "頻繁", "频率", "限流", "限速",
            "流控",
            "速率限制", "并发.{0,6}(超|过|上限|限制)", "请求数.{0,6}(超|过多|上限)", r"\b[rt]pm\b", r"\bqp[sm]\b",
            r"concurren\w+\b.{0,20}(limit|exceed|too)", "slow down", "cool ?down", "rate exceeded",
            "request limit (reached|exceeded)", "レート制限",
        ),
        ErrorKind.RATE_LIMITED,
    ),
    (
        _any(
            r"(invalid|incorrect|wrong|expired|missing|malformed|no|bad|unknown|revoked)( or missing)?"
            r" ((proxy server|virtual|api|auth|access|bearer|secret"
            r"|authorization|authentication|subscription|x api) ){1,2}(key|token|header|credential)",
            r"\bapi ?key\b.{0,40}\b(invalid|incorrect|expired|not valid|missing|revoked|disabled|malformed|required)",
            r"\bapi ?key\b.{0,40}\bnot (found|provided)",
            r"(didn't|did not) provide an? api key", r"\b(invalid|incorrect|expired) (token|credential|key)s?\b",
            r"\b(access|auth) token\b.{0,20}\b(invalid|expired|missing)", "virtual key expected", "no db connection",
            "no connected db", "auth ?failure", "credentials could not be validated", "未登录", "auth no right",
            r"authenticat\w+ (error|fail|required|invalid)", "unauthenticated", "unauthori[sz]ed",
            "invalid authentication", r"令牌.{0,10}(无效|过期|错误|不存在|不可用|禁用|失效|未提供|状态)",
            "(无效|未提供|缺少|错误)的?(令牌|密钥|api ?key)", "密钥.{0,10}(无效|过期|错误|不存在|失效)",
            "api ?key.{0,10}(无效|过期|错误|不存在|失效|不正确|有误)", "鉴权", "身份(验证|认证)", "认证失败",
            "未授权", "認証", "인증",
        ),
        ErrorKind.AUTHENTICATION,
    ),
    (
        _any(
            "permission", "access denied", r"(does|do)( not|n't) have (access|permission)",
            "not (authorized|allowed) to", "key model access denied", "无权", "無權", "没有权限", "沒有權限", "权限",
            "權限", "(用户|账号|账户|帐号|帐户).{0,8}(封禁|禁用|冻结|停用)", "封禁",
            r"\b(banned|suspended|deactivated)\b",
        ),
        ErrorKind.PERMISSION,
    ),
    (
        _any(
            "overload", "负载", "負載", "server busy", "繁忙", r"\bbusy\b", "at capacity", "over capacity",
            "no capacity", "饱和", "拥挤", "saturated", "temporarily unavailable", "currently (unavailable|loading)",
            "混雑",
        ),
        ErrorKind.OVERLOADED,
    ),
)  # fmt: skip
GENERIC: Final = (
    (
        _any(
            "rate limit", "resource exhausted", "too many requests",
        ),
        ErrorKind.RATE_LIMITED,
    ),
    (
        _any(
            "invalid request", "bad request", "invalid argument", "invalid parameter", "validation",
        ),
        ErrorKind.INVALID_REQUEST,
    ),
    (
        _any(
            "bad response", "upstream", "bad gateway", "(server|internal|api) error", "内部错误", "timeout",
            "deadline",
        ),
        ErrorKind.BAD_GATEWAY,
    ),
)  # fmt: skip
GENERIC_NAME: Final = _any(
    r"\A(\w*(invalid request|bad request|api|server|internal|rate limit|unknown|request|upstream|bad response)\w*"
    r"( errors?| exception)|\w*bad response\w*|do request failed|invalid (request|argument|parameter)|error|fail(ed)?"
    r"|unknown|resource exhausted|internal|aborted|failed precondition)\Z"
)
"""Codes and types that nearly every error of some server carries."""
OF_THE_REQUEST: Final = _any(
    "validation", "field required", "input should be", r"\bis required\b",
    r"required (field|parameter|positional|property|argument)", "divisible",
    r"must be (a|an|one of|greater|less|between|at|in|non|positive|>|<)", "unprocessable", "not supported",
    r"unsupported operand", "nonetype", r"invalid literal", "unexpected keyword", "literal error",
    "have to be", "should be (a|an)\\b", "bad ?request",
    "not an? (supported|valid|allowed) (role|value|type|format)", "only (user|system|assistant)",
    "参数.{0,6}(错误|有误|无效|不合法)",
)  # fmt: skip
"""Words of servers that answer faults of the request as faults of their own."""
REFUSES: Final = _any(
    "unsupported", "not supported", "unknown", "unrecognized", "unexpected", "not (permitted|allowed)",
    "invalid", r"\bmust\b", "should be", "too (large|small|high|low|big)", "greater", r"\bless\b",
    "at (least|most)", "range", "does(n't| not) support", r"\bextra\b", r"\bonly\b", "additional",
    "expected", "deprecated", "instead", "不支持", "无效", "范围", "错误", "有误", "非法", "不合法", "超出",
    "未知", "不允许",
)  # fmt: skip
PARAMETERS: Final = (
    "max_completion_tokens", "max_new_tokens", "max_tokens", "temperature", "top_p", "repetition_penalty",
    "stream_options", "include_usage", "output_img", "user_id", "mh_add_prompt", "mh_ddim_steps", "mh_model_name",
    "mh_output_size", "mh_select_seed", "mh_scale", "mh_controlnet_model",
)  # fmt: skip
ROLE: Final = _any(
    r"(system|developer) (role|message|prompt|instruction)s?\b.{0,40}(not|un) ?(supported|allowed|permitted|enabled)",
    r"(not|n't) support\b.{0,20}\bsystem\b", r"unsupported\b.{0,12}\brole\b.{0,10}system",
    r"roles? must alternate", r"role\W{0,4}system\W{0,3}.{0,30}(not|un|in) ?(supported|allowed|valid)",
    "only user(,| and|/) assistant roles", "不支持.{0,6}system",
)  # fmt: skip
GAVE_UP: Final = re.compile(
    # Deadlines, in the words of relays, proxies and clients of theirs.
    r"time.?out|timed.out|deadline|took too long|超时|逾时|超時|逾時|タイムアウト|시간.?초과|таймаут|тайм-аут"
    r"|zeitüberschreitung|tiempo de espera|délai"
    # Connections of theirs that broke.
    r"|\beof\b|connection (was )?(reset|closed|aborted|lost)|connection.{0,20}\breset\b|broken pipe|prematurely closed"
    r"|server disconnected|context cancell?ed|disconnected|连接(被)?(重置|断开|中断)"
)
NEVER_SENT: Final = re.compile(r"\bdial\b|connection refused|no such host|getaddrinfo|name or service not known")
