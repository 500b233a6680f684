use std::time::Duration;

use problem::FieldError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}", wrong(.0.len()))]
    Invalid(Vec<FieldError>),
    #[error("no key, token or session was sent, or it is unknown, expired or revoked")]
    Unauthenticated,
    #[error("this needs the permission {permission}")]
    Forbidden { permission: String },
    #[error("login name or password is wrong")]
    LoginRefused,
    #[error("too many attempts to log in; try again in {} s", .0.as_secs().max(1))]
    TooManyLogins(Duration),
    #[error("you have used up your requests; try again in {} s", .0.as_secs().max(1))]
    TooManyRequests(Duration),
    #[error("there is no user {0}")]
    UserNotFound(String),
    #[error("the login name {0} is taken")]
    LoginTaken(String),
    #[error(transparent)]
    Stale(#[from] chassis::http::Stale),
    #[error("someone else is changing this user; try again")]
    UserChanged,
    #[error("nobody would be left who may manage users; make someone else administrator first")]
    LastAdministrator,
    #[error("there is no API key {0}")]
    ApiKeyNotFound(String),
    #[error("this request has issued the API key {0} already, and a key is shown once; revoke it and issue another")]
    ApiKeyIssuedAlready(String),
    #[error("you call with an API key, not in a session")]
    NoSession,
    #[error("you call with an API key, which has no password")]
    NoPassword,
    #[error("nothing is served at this path")]
    PathUnknown,
    #[error("this path serves {allowed} only")]
    MethodNotAllowed { allowed: String },
    #[error("a body here holds at most {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error("the body was not received completely")]
    BodyBroken,
    #[error("there is no customer {0}")]
    CustomerNotFound(String),
    #[error("the {service} service can not be reached")]
    ServiceUnavailable {
        service: &'static str,
        #[source]
        source: Option<reqwest::Error>,
    },
    #[error("the {service} service did not answer in time")]
    ServiceTimeout { service: &'static str },
    #[error("the {service} service broke off")]
    ServiceBroke {
        service: &'static str,
        #[source]
        source: Option<reqwest::Error>,
    },
    #[error("hashing a password: {0}")]
    Hashing(argon2::password_hash::Error),
    #[error("signing a token, or making a secret")]
    Crypto,
    #[error("the gateway's configuration has mistakes")]
    Misconfigured,
    #[error(transparent)]
    Database(#[from] database::Error),
}

problem::codes! {
    Error {
        Invalid(..) => "fields-invalid", 422, "Fields invalid", "字段有误";
        Unauthenticated => "unauthenticated", 401, "Not authenticated", "未通过身份验证";
        Forbidden { .. } => "permission-missing", 403, "Permission missing", "权限不足";
        LoginRefused => "login-refused", 401, "Login refused", "登录失败";
        TooManyLogins(..) => "too-many-logins", 429, "Too many attempts to log in", "登录尝试过多";
        TooManyRequests(..) => "too-many-requests", 429, "Too many requests", "请求过多";
        UserNotFound(..) => "user-not-found", 404, "User not found", "用户不存在";
        LoginTaken(..) => "login-taken", 409, "Login name taken", "登录名已被占用";
        Stale(..) => "version-stale", 412, "Version stale", "版本已过期";
        UserChanged => "user-changed", 409, "User changed meanwhile", "用户已被他人修改";
        LastAdministrator => "last-administrator", 409, "Last administrator", "不能移除最后一名管理员";
        ApiKeyNotFound(..) => "api-key-not-found", 404, "API key not found", "API 密钥不存在";
        ApiKeyIssuedAlready(..) => "api-key-issued-already", 409, "API key issued already", "API 密钥已签发";
        NoSession => "no-session", 409, "Not in a session", "当前不在会话中";
        NoPassword => "no-password", 409, "No password", "该调用方没有密码";
        PathUnknown => "path-unknown", 404, "Path unknown", "路径不存在";
        MethodNotAllowed { .. } => "method-not-allowed", 405, "Method not allowed", "不支持该方法";
        BodyTooLarge { .. } => "body-too-large", 413, "Body too large", "请求体过大";
        BodyBroken => "body-broken", 400, "Body broken", "请求体不完整";
        CustomerNotFound(..) => "customer-not-found", 404, "Customer not found", "客户不存在";
        ServiceUnavailable { .. } => "service-unavailable", 503, "Service unavailable", "服务暂不可用";
        ServiceTimeout { .. } => "service-timeout", 504, "Service did not answer in time", "服务响应超时";
        ServiceBroke { .. } => "service-broke-off", 502, "Service broke off", "服务中断了响应";
        Hashing(..) => problem::INTERNAL;
        Crypto => problem::INTERNAL;
        Misconfigured => problem::INTERNAL;
        Database(database::Error::Unavailable(..)) => problem::UNAVAILABLE;
        Database(database::Error::Conflict(..)) => problem::CONTENDED;
        Database(..) => problem::INTERNAL;
    }

    fn errors(&self) -> Vec<FieldError> {
        if let Self::Invalid(errors) = self { errors.clone() } else { vec![] }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::ServiceUnavailable { .. } | Self::ServiceTimeout { .. } | Self::ServiceBroke { .. } => Some(self.to_string()),
            _ => (problem::Describe::code(self).status < 500).then(|| self.to_string()),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooManyLogins(wait) | Self::TooManyRequests(wait) => Some(seconds(*wait)),
            Self::ServiceUnavailable { .. } | Self::ServiceBroke { .. } => Some(2),
            Self::Database(database::Error::Unavailable(_)) => Some(5),
            _ => problem::Describe::code(self).passes().then_some(1),
        }
    }
}

fn wrong(fields: usize) -> String {
    if fields == 1 {
        "1 value in the body is wrong".to_owned()
    } else {
        format!("{fields} values in the body are wrong")
    }
}

/// Whole seconds, rounded up: whoever waits that long is not refused again.
fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}
