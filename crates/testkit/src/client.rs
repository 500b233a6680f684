use std::{fmt, sync::Arc};

use chassis::{Caller, token::Signer};
use chrono::Utc;
use reqwest::{
    Method, RequestBuilder,
    header::{HeaderMap, IF_MATCH},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Someone who calls a service, with a valid token of the gateway for each request.
#[derive(Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    /// `http://127.0.0.1:<port>`
    pub(crate) base: String,
    pub(crate) service: &'static str,
    pub(crate) signer: Arc<Signer>,
    pub(crate) caller: Caller,
}

impl Client {
    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &impl Serialize) -> Answer {
        send(self.request(Method::PUT, path).json(body)).await
    }

    /// With `If-Match`: an answer's [`Answer::etag`], or `*`.
    pub async fn patch(&self, path: &str, etag: &str, body: &impl Serialize) -> Answer {
        send(self.request(Method::PATCH, path).header(IF_MATCH, etag).json(body)).await
    }

    /// With `If-Match`: an answer's [`Answer::etag`], or `*`.
    pub async fn delete(&self, path: &str, etag: &str) -> Answer {
        send(self.request(Method::DELETE, path).header(IF_MATCH, etag)).await
    }

    /// How many there are in a list.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn count(&self, path: &str) -> i64 {
        let page = self.get(&format!("{path}?count=exact&limit=1")).await.expect(200);
        page["count"].as_i64().expect("a count")
    }

    /// The pages of a list, to the last; `path` has a query.
    ///
    /// # Panics
    /// When one cannot be read.
    pub async fn pages(&self, path: &str) -> Vec<Value> {
        let mut pages = vec![self.get(path).await.expect(200)];
        while let Some(cursor) = pages.last().and_then(|page| page["next_cursor"].as_str()) {
            pages.push(self.get(&format!("{path}&cursor={cursor}")).await.expect(200));
        }
        pages
    }

    /// A request to add to: other headers, other bodies. [`Client::send`] sends it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let token = self.signer.sign(self.service, &self.caller, Utc::now());
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token)
    }

    /// Sends what [`Client::request`] began.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        send(request).await
    }

    /// The same path without any token.
    pub async fn get_anonymously(&self, path: &str) -> Answer {
        send(self.http.get(format!("{}{path}", self.base))).await
    }
}

async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.expect("a whole answer");
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

/// What a service answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// JSON; a string where it was something else, empty where there was nothing.
    pub body: Value,
}

impl Answer {
    /// The body of an answer with this status.
    ///
    /// # Panics
    /// When it has another one, showing the answer.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self}");
        self.body
    }

    /// The body as a type.
    ///
    /// # Panics
    /// When the status or the shape is another one, showing the answer.
    #[track_caller]
    pub fn read<T: DeserializeOwned>(self, status: u16) -> T {
        assert_eq!(self.status, status, "{self}");
        T::deserialize(&self.body).unwrap_or_else(|error| panic!("{error} in {self}"))
    }

    /// The status and `code` of a problem document.
    ///
    /// # Panics
    /// When the answer is none.
    #[track_caller]
    pub fn problem(&self) -> (u16, &str) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self}");
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// # Panics
    /// When the answer has none.
    #[must_use]
    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("no ETag: {self}")).to_owned()
    }

    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:#}", self.status, self.body)
    }
}
