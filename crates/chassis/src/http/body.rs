use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
    web,
};
use bytes::{Bytes, BytesMut};
use futures::{FutureExt, StreamExt, future::LocalBoxFuture};
use problem::{Failure, FieldError};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Context, refusal::Refusal, validation};

/// The most bytes a body holds; imports stream theirs and are not bound by it.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// A JSON body, checked against `T`'s own schema: whoever gets it wrong learns of every wrong field at once.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Body<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        async move {
            if !is_json(request.headers()) {
                return Err(Refusal::MediaTypeUnsupported.into());
            }
            let bytes = read(request.headers(), &mut payload).await?;
            let value = serde_json::from_slice(&bytes)
                .map_err(|error| Refusal::JsonMalformed { line: error.line(), column: error.column() })?;
            let context = Context::of(&request);
            Ok(parse(&context, value).map(Self).map_err(Refusal::FieldsInvalid)?)
        }
        .boxed_local()
    }
}

/// What is wrong with a value that should be a `T`, such as one row of an import.
pub fn validate<T: ToSchema + 'static>(context: &Context, value: &Value) -> Vec<FieldError> {
    let mut faults = context.schemas.check::<T>(value);
    faults.extend(validation::nuls(value));
    faults.sort();
    faults
}

/// A `T` from a value, or everything that is wrong with it.
///
/// # Errors
/// Every wrong field.
pub fn parse<T: DeserializeOwned + ToSchema + 'static>(context: &Context, value: Value) -> Result<T, Vec<FieldError>> {
    let faults = validate::<T>(context, &value);
    if !faults.is_empty() {
        return Err(faults);
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = validation::pointer(error.path());
        vec![FieldError::new(pointer, "bad-format", error.inner().to_string())]
    })
}

/// The whole body, within the limit.
pub(crate) async fn read(headers: &HeaderMap, payload: &mut Payload) -> Result<Bytes, Refusal> {
    let too_large = || Refusal::BodyTooLarge { limit: BODY_LIMIT };
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > BODY_LIMIT as u64) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refusal::BodyBroken)?;
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The media type without its parameters, in small letters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|media| media == "application/json" || media.ends_with("+json"))
}

impl Context {
    pub(crate) fn of(request: &HttpRequest) -> web::Data<Self> {
        request.app_data::<web::Data<Self>>().expect("every request runs within its service's context").clone()
    }
}
