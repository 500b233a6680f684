use std::{error::Error as StdError, fmt};

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{StatusCode, header},
};

use crate::{CONTENDED, CONTENT_TYPE, Code, FieldError, Language, Problem};

/// How an error shows itself to callers. Implemented through [`codes!`](crate::codes).
pub trait Describe: StdError + Send + Sync + 'static {
    fn code(&self) -> &'static Code;

    /// Every wrong field at once.
    fn errors(&self) -> Vec<FieldError> {
        vec![]
    }

    /// What happened this time: the error's own words when the caller can do something about it, nothing when it is
    /// our fault.
    fn detail(&self) -> Option<String> {
        (self.code().status < 500).then(|| self.to_string())
    }

    /// Seconds after which trying again makes sense.
    fn retry_after(&self) -> Option<u32> {
        self.code().passes().then_some(1)
    }
}

/// An error on its way to a caller: what may be shown, apart from what may not.
pub struct Failure(Box<Described>);

struct Described {
    code: &'static Code,
    detail: Option<String>,
    errors: Vec<FieldError>,
    retry_after: Option<u32>,
    cause: Box<dyn StdError + Send + Sync>,
}

impl<E: Describe> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(Described {
            code: error.code(),
            detail: error.detail(),
            errors: error.errors(),
            retry_after: error.retry_after(),
            cause: Box::new(error),
        }))
    }
}

impl Failure {
    #[must_use]
    pub fn code(&self) -> &'static Code {
        self.0.code
    }

    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        self.0.retry_after
    }

    /// The document, as far as it is known without the request.
    #[must_use]
    pub fn problem(&self, language: Language) -> Problem {
        let code = self.0.code;
        Problem {
            r#type: format!("/problems/{}", code.code),
            title: code.title_in(language).to_owned(),
            status: code.status,
            detail: self.0.detail.clone(),
            instance: None,
            code: code.code.to_owned(),
            trace_id: None,
            errors: self.0.errors.clone(),
        }
    }

    fn log(&self) {
        let mut causes = self.0.cause.to_string();
        let mut source = self.0.cause.source();
        while let Some(error) = source {
            causes.push_str(": ");
            causes.push_str(&error.to_string());
            source = error.source();
        }
        if self.status().is_server_error() {
            tracing::error!(code = self.0.code.code, "{causes}");
        } else {
            tracing::warn!(code = self.0.code.code, "{causes}");
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// actix calls this once for each failed request, which makes it the one place to log what broke.
    fn error_response(&self) -> HttpResponse {
        // What met another transaction is worth a look where that is frequent.
        if self.status().is_server_error() || *self.0.code == CONTENDED {
            self.log();
        }
        let mut response = HttpResponseBuilder::new(self.status());
        response.insert_header((header::CONTENT_TYPE, CONTENT_TYPE));
        if let Some(seconds) = self.0.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        response.body(serde_json::to_vec(&self.problem(Language::English)).unwrap_or_default())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.cause, f)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure").field("code", &self.0.code.code).field("cause", &self.0.cause).finish()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    #[derive(Debug)]
    enum Error {
        NotFound { id: u32 },
        Invalid(Vec<FieldError>),
        Busy,
        Broken(std::io::Error),
    }

    impl fmt::Display for Error {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::NotFound { id } => write!(f, "there is no thing {id}"),
                Self::Invalid(errors) => write!(f, "{} fields are wrong", errors.len()),
                Self::Busy => f.write_str("another request is changing this thing"),
                Self::Broken(_) => f.write_str("reading the thing"),
            }
        }
    }

    impl StdError for Error {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            match self {
                Self::Broken(source) => Some(source),
                Self::NotFound { .. } | Self::Invalid(_) | Self::Busy => None,
            }
        }
    }

    crate::codes! {
        Error {
            NotFound { .. } => "thing-not-found", 404, "Thing not found", "未找到";
            Invalid(..) => "thing-invalid", 422, "Thing invalid", "内容有误";
            Busy => crate::CONTENDED;
            Broken(..) => crate::INTERNAL;
        }
        fn errors(&self) -> Vec<FieldError> {
            match self {
                Self::Invalid(errors) => errors.clone(),
                Self::NotFound { .. } | Self::Busy | Self::Broken(_) => vec![],
            }
        }
    }

    async fn shown(error: Error) -> serde_json::Value {
        let response = Failure::from(error).error_response();
        let body = to_bytes(response.into_body()).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[actix_web::test]
    async fn a_fault_of_the_caller_is_told_in_full() {
        let body = shown(Error::Invalid(vec![FieldError::new("/name", "missing-field", "is required")])).await;
        insta::assert_json_snapshot!(body, @r#"
        {
          "code": "thing-invalid",
          "detail": "1 fields are wrong",
          "errors": [
            {
              "code": "missing-field",
              "message": "is required",
              "pointer": "/name"
            }
          ],
          "status": 422,
          "title": "Thing invalid",
          "type": "/problems/thing-invalid"
        }
        "#);
    }

    #[actix_web::test]
    async fn a_fault_of_ours_tells_nothing() {
        let body = shown(Error::Broken(std::io::Error::other("disk sda1 is on fire"))).await;
        insta::assert_json_snapshot!(body, @r#"
        {
          "code": "internal-error",
          "status": 500,
          "title": "Internal error",
          "type": "/problems/internal-error"
        }
        "#);
    }

    #[test]
    fn retry_after_becomes_a_header_and_titles_have_two_languages() {
        let busy = Failure::from(Error::Busy);
        assert_eq!(busy.error_response().headers().get(header::RETRY_AFTER).unwrap(), "1");
        assert_eq!(busy.problem(Language::Chinese).title, "正被他人修改");
        assert_eq!(
            Failure::from(Error::NotFound { id: 7 }).problem(Language::English).detail.unwrap(),
            "there is no thing 7"
        );
    }

    #[test]
    fn the_table_lists_every_code() {
        let codes: Vec<_> = CODES.iter().map(|code| code.code).collect();
        assert_eq!(codes, ["thing-not-found", "thing-invalid", "contended", "internal-error"]);
    }
}
