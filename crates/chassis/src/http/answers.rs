use actix_web::{HttpResponse, http::header};
use wire::Entity;

/// 201 with `Location`, `ETag` and the thing itself.
pub fn created<T: Entity>(thing: T) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((header::LOCATION, format!("{}/{}", T::PATH, thing.id())))
        .insert_header((header::ETAG, super::etag::of(thing.version())))
        .json(thing)
}

/// 200 with `ETag` and the thing itself; 304 to whoever has it already (`If-None-Match`).
pub fn found<T: Entity>(thing: T) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, super::etag::of(thing.version()))).json(thing)
}
