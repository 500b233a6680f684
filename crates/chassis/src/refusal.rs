use problem::FieldError;

/// Why a request is turned away before, or instead of, reaching a service's own code.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("nothing is served at this path")]
    PathUnknown,
    #[error("this path serves {allowed} only")]
    MethodNotAllowed { allowed: String },
    #[error("send a token of the gateway as `Authorization: Bearer`")]
    TokenMissing,
    #[error("the token is not valid: {0}")]
    TokenInvalid(#[from] crate::token::Error),
    #[error("this needs the permission {permission}")]
    PermissionMissing { permission: String },
    #[error("a body here holds at most {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error("the body was not received completely")]
    BodyBroken,
    #[error("send JSON as `Content-Type: application/json`")]
    MediaTypeUnsupported,
    #[error("the body is not JSON: line {line}, column {column}")]
    JsonMalformed { line: usize, column: usize },
    #[error("{} in the body {}", count(.0), verb(.0))]
    FieldsInvalid(Vec<FieldError>),
    #[error("{} in the query {}", count(.0), verb(.0))]
    QueryInvalid(Vec<FieldError>),
    #[error("a part of the path does not have the right form")]
    PathInvalid(Vec<FieldError>),
    #[error("send the ETag you last read as `If-Match`, or `*` to overwrite whatever is there")]
    IfMatchMissing,
    #[error("`If-Match` is an ETag as it was sent, in double quotes, or `*`")]
    IfMatchInvalid,
    #[error("this cursor is not one of this list and sort order; start again without it")]
    CursorInvalid,
    #[error("an `Idempotency-Key` is 1 to 255 visible ASCII characters")]
    IdempotencyKeyInvalid,
    #[error("this `Idempotency-Key` came with another request before; use a new one for each request")]
    IdempotencyKeyReused,
    #[error("the first request with this `Idempotency-Key` is still running")]
    IdempotencyKeyBusy,
    #[error("unexpected status {0}")]
    Other(u16),
    #[error("a request handler panicked")]
    Panicked,
    #[error(transparent)]
    Database(#[from] database::Error),
}

problem::codes! {
    Refusal {
        PathUnknown => "path-unknown", 404, "Path unknown", "路径不存在";
        MethodNotAllowed { .. } => "method-not-allowed", 405, "Method not allowed", "不支持该方法";
        TokenMissing => "token-missing", 401, "Token missing", "缺少令牌";
        TokenInvalid(..) => "token-invalid", 401, "Token invalid", "令牌无效";
        PermissionMissing { .. } => "permission-missing", 403, "Permission missing", "权限不足";
        BodyTooLarge { .. } => "body-too-large", 413, "Body too large", "请求体过大";
        BodyBroken => "body-broken", 400, "Body broken", "请求体不完整";
        MediaTypeUnsupported => "media-type-unsupported", 415, "Media type unsupported", "不支持的媒体类型";
        JsonMalformed { .. } => "json-malformed", 400, "JSON malformed", "JSON 格式错误";
        FieldsInvalid(..) => "fields-invalid", 422, "Fields invalid", "字段有误";
        QueryInvalid(..) => "query-invalid", 400, "Query invalid", "查询参数有误";
        PathInvalid(..) => "path-invalid", 400, "Path invalid", "路径参数有误";
        IfMatchMissing => "if-match-missing", 428, "If-Match missing", "缺少 If-Match";
        IfMatchInvalid => "if-match-invalid", 400, "If-Match invalid", "If-Match 有误";
        CursorInvalid => "cursor-invalid", 400, "Cursor invalid", "游标无效";
        IdempotencyKeyInvalid => "idempotency-key-invalid", 400, "Idempotency-Key invalid", "幂等键无效";
        IdempotencyKeyReused => "idempotency-key-reused", 422, "Idempotency-Key reused", "幂等键已用于其他请求";
        IdempotencyKeyBusy => "idempotency-key-busy", 409, "Idempotency-Key busy", "相同幂等键的请求正在处理";
        Other(400) => "request-malformed", 400, "Request malformed", "请求格式错误";
        Other(404) => "not-found", 404, "Not found", "未找到";
        Other(405) => "method-not-allowed", 405, "Method not allowed", "不支持该方法";
        Other(408) => "request-timeout", 408, "Request timeout", "请求超时";
        Other(413) => "body-too-large", 413, "Body too large", "请求体过大";
        Other(415) => "media-type-unsupported", 415, "Media type unsupported", "不支持的媒体类型";
        Other(502) => "upstream-failed", 502, "Upstream failed", "上游服务出错";
        Other(503) => "service-unavailable", 503, "Service unavailable", "服务暂不可用";
        Other(504) => "upstream-silent", 504, "Upstream silent", "上游服务超时";
        Other(400..=499) => "request-refused", 400, "Request refused", "请求被拒绝";
        Other(..) => problem::INTERNAL;
        Panicked => problem::INTERNAL;
        Database(database::Error::Unavailable(..)) => problem::UNAVAILABLE;
        Database(database::Error::Conflict(..)) => problem::CONTENDED;
        Database(..) => problem::INTERNAL;
    }

    fn errors(&self) -> Vec<FieldError> {
        match self {
            Self::FieldsInvalid(errors) | Self::QueryInvalid(errors) | Self::PathInvalid(errors) => errors.clone(),
            _ => vec![],
        }
    }

    fn detail(&self) -> Option<String> {
        let code = problem::Describe::code(self);
        (code.status < 500 && !matches!(self, Self::Other(_))).then(|| self.to_string())
    }

    fn retry_after(&self) -> Option<u32> {
        (matches!(self, Self::IdempotencyKeyBusy) || problem::Describe::code(self).passes()).then_some(1)
    }
}

fn count(errors: &[FieldError]) -> String {
    match errors.len() {
        1 => "1 value".to_owned(),
        more => format!("{more} values"),
    }
}

fn verb(errors: &[FieldError]) -> &'static str {
    if errors.len() == 1 { "is wrong" } else { "are wrong" }
}
