use actix_web::http::header;
use actix_web::{HttpResponse, delete, get, post, put, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{
    Contact, ContactId, ContactRead, ContactReadKind, LegalHold, NewContactErasure, NewLegalHold, PersonalData,
};
use wire::Page;

use super::page;
use crate::reads::Reader;
use crate::{commands, queries};

/// Read all that the registry holds on a person, to give it to him: the contact, seats, consents with their proof, stances
/// with their notes, and who read any of it. That it was read is kept.
#[utoipa::path(
    operation_id = "get_personal_data",
    tag = "privacy",
    params(("id" = ContactId, Path, description = "The contact")),
    responses(
        (status = 200, description = "All of it", body = PersonalData),
        (status = 404, description = "There is no such contact", body = Problem),
    ),
    security(("caller" = ["privacy:manage"])),
)]
#[get("/api/v1/contacts/{id}/personal-data")]
pub async fn get_personal_data(
    context: web::Data<Context>,
    act: Act,
    path: Path<ContactId>,
) -> problem::Result<HttpResponse> {
    let data = commands::export_personal_data(&context.db, &act, path.0).await?;
    Reader::new(&context, &act, ContactReadKind::PersonalData).note([path.0]);
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(data))
}

/// List who read what is known of a contact, the latest first unless sorted by `last_at`: one item for all reads of a day by
/// one person in one way, of the last two years. What was read in the last second may not be there yet.
#[utoipa::path(
    operation_id = "list_contact_reads",
    tag = "privacy",
    params(("id" = ContactId, Path, description = "The contact"), ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<ContactRead>),
        (status = 404, description = "There is no such contact", body = Problem),
    ),
    security(("caller" = ["privacy:manage"])),
)]
#[get("/api/v1/contacts/{id}/reads")]
pub async fn list_contact_reads(
    context: web::Data<Context>,
    path: Path<ContactId>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<ContactRead>>> {
    let paging = Paging::parse(&list, &["last_at"], "-last_at")?;
    let listed = queries::list_contact_reads(&context.db, path.0, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Keep a contact from being erased, until a day or until the hold is lifted. It takes the place of the hold before.
#[utoipa::path(
    operation_id = "put_legal_hold",
    tag = "privacy",
    params(("id" = ContactId, Path, description = "The contact")),
    request_body = NewLegalHold,
    responses(
        (status = 200, description = "As it is now", body = LegalHold),
        (status = 404, description = "There is no such contact", body = Problem),
        (status = 409, description = "The contact is erased", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["privacy:manage"])),
)]
#[put("/api/v1/contacts/{id}/legal-hold")]
pub async fn put_legal_hold(
    context: web::Data<Context>,
    act: Act,
    path: Path<ContactId>,
    body: Body<NewLegalHold>,
) -> problem::Result<web::Json<LegalHold>> {
    Ok(web::Json(commands::put_legal_hold(&context.db, &act, path.0, body.0).await?))
}

/// Lift the legal hold on a contact.
#[utoipa::path(
    operation_id = "delete_legal_hold",
    tag = "privacy",
    params(("id" = ContactId, Path, description = "The contact")),
    responses(
        (status = 204, description = "Done"),
        (status = 404, description = "There is no such contact, or no hold on it", body = Problem),
        (status = 409, description = "The contact is erased", body = Problem),
    ),
    security(("caller" = ["privacy:manage"])),
)]
#[delete("/api/v1/contacts/{id}/legal-hold")]
pub async fn delete_legal_hold(
    context: web::Data<Context>,
    act: Act,
    path: Path<ContactId>,
) -> problem::Result<HttpResponse> {
    commands::delete_legal_hold(&context.db, &act, path.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Erase all that the registry knows of a person. Nobody can undo it.
///
/// Name, addresses, topics, note and stances go; seats stay as held by somebody, and what was said about being approached stays
/// without where and how, followed by an objection to everything. Who is erased already is answered as he is.
#[utoipa::path(
    operation_id = "erase_contact",
    tag = "privacy",
    params(
        ("id" = ContactId, Path, description = "The contact"),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body = NewContactErasure,
    responses(
        (status = 200, description = "What is left of the contact", body = Contact),
        (status = 404, description = "There is no such contact", body = Problem),
        (status = 409, description = "There is a legal hold on it", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["privacy:manage"])),
)]
#[post("/api/v1/contacts/{id}/erasure")]
pub async fn erase_contact(
    context: web::Data<Context>,
    act: Act,
    path: Path<ContactId>,
    expected: IfMatch,
    body: Body<NewContactErasure>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::erase_contact(&context.db, &act, path.0, expected, body.0).await?))
}
