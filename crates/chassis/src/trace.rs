use std::{fmt::Write as _, sync::OnceLock};

use actix_web::http::header::HeaderMap;

use crate::secret;

/// The longest `x-request-id` that is taken over.
const LONGEST_REQUEST_ID: usize = 100;

/// Where a request stands among others: its W3C trace context and its request id.
#[derive(Debug)]
pub struct Trace {
    pub trace_id: String,
    /// This request's own span.
    pub span_id: String,
    pub sampled: bool,
    /// The caller's `x-request-id`, or one of ours; echoed in the answer.
    pub request_id: String,
    /// Known once the caller is, for the log line.
    pub(crate) caller: OnceLock<String>,
    /// Set where the route is known better than by its pattern here.
    pub(crate) route: OnceLock<String>,
}

impl Trace {
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let parent = text("traceparent").and_then(parse);
        let request_id = text("x-request-id").filter(|id| is_request_id(id)).map(str::to_owned);
        let (trace_id, sampled) = parent.unwrap_or_else(|| (hex(&secret::random::<16>()), true));
        Self {
            trace_id,
            span_id: hex(&secret::random::<8>()),
            sampled,
            request_id: request_id.unwrap_or_else(|| uuid::Uuid::now_v7().to_string()),
            caller: OnceLock::new(),
            route: OnceLock::new(),
        }
    }

    /// Names the template that the request is logged and counted under, for whoever routes by a table of its own.
    pub fn name_route(&self, template: &str) {
        self.route.get_or_init(|| template.to_owned());
    }

    /// As the `traceparent` of what this request causes.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-{:02x}", self.trace_id, self.span_id, u8::from(self.sampled))
    }
}

/// Trace id and sampled flag of a `traceparent` (W3C Trace Context, section 3.2).
fn parse(header: &str) -> Option<(String, bool)> {
    let mut parts = header.trim().split('-');
    let (version, trace_id, span_id, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_set = |text: &str| text.bytes().any(|b| b != b'0');
    let valid = is_hex(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && is_hex(trace_id, 32)
        && is_set(trace_id)
        && is_hex(span_id, 16)
        && is_set(span_id)
        && is_hex(flags, 2);
    let flags = valid.then(|| u8::from_str_radix(flags, 16).ok()).flatten()?;
    Some((trace_id.to_owned(), flags & 1 == 1))
}

/// What may be echoed and logged without harm.
fn is_request_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST_REQUEST_ID
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_a_valid_traceparent_is_followed() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let cases = [
            (format!("00-{trace}-00f067aa0ba902b7-01"), Some((trace.to_owned(), true))),
            (format!("00-{trace}-00f067aa0ba902b7-00"), Some((trace.to_owned(), false))),
            (format!("cc-{trace}-00f067aa0ba902b7-01-later"), Some((trace.to_owned(), true))),
            (format!("00-{trace}-00f067aa0ba902b7-01-later"), None),
            (format!("ff-{trace}-00f067aa0ba902b7-01"), None),
            (format!("00-{trace}-0000000000000000-01"), None),
            (format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), None),
            (format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()), None),
            ("nonsense".to_owned(), None),
        ];
        for (header, expected) in cases {
            assert_eq!(parse(&header), expected, "{header}");
        }
    }

    #[test]
    fn a_strange_request_id_is_replaced() {
        for (given, kept) in
            [("req-1.a:b", true), ("", false), ("a b", false), ("x\u{7f}", false), (&"x".repeat(101), false)]
        {
            let Ok(value) = HeaderValue::from_str(given) else {
                assert!(!kept, "{given:?}");
                continue;
            };
            let headers: HeaderMap = [(HeaderName::from_static("x-request-id"), value)].into_iter().collect();
            assert_eq!(Trace::of(&headers).request_id == given, kept, "{given:?}");
        }
    }
}
