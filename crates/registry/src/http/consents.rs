use actix_web::{HttpResponse, get, post, web};
use chassis::http::{self, Body, Path, Query};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{
    ConsentCheck, ConsentEntry, ConsentId, ConsentLedger, ConsentQuery, ContactId, ContactReadKind, NewConsent,
};

use crate::reads::Reader;
use crate::{commands, queries};

/// Record what a contact said about being approached: granted, withdrawn or objected.
///
/// An opt-out stands against every grant for its purpose and channel, whichever was recorded first. Only a grant that
/// the contact gave later, that is no broader and that names its proof lifts it.
#[utoipa::path(
    operation_id = "create_consent",
    tag = "consents",
    params(("id" = ContactId, Path, description = "The contact")),
    request_body = NewConsent,
    responses(
        (status = 201, description = "Created", body = ConsentEntry),
        (status = 404, description = "There is no such contact", body = Problem),
        (status = 409, description = "The contact is erased", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["contacts:write"])),
)]
#[post("/api/v1/contacts/{id}/consents")]
pub async fn create_consent(
    context: web::Data<Context>,
    act: Act,
    path: Path<ContactId>,
    body: Body<NewConsent>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_consent(&context.db, &act, path.0, body.0).await?))
}

/// Read all that a contact said about being approached, and what follows from it now.
#[utoipa::path(
    operation_id = "get_consent_ledger",
    tag = "consents",
    params(("id" = ContactId, Path, description = "The contact")),
    responses(
        (status = 200, description = "The ledger", body = ConsentLedger),
        (status = 404, description = "There is no such contact", body = Problem),
    ),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/contacts/{id}/consents")]
pub async fn get_consent_ledger(
    context: web::Data<Context>,
    act: Act,
    path: Path<ContactId>,
) -> problem::Result<web::Json<ConsentLedger>> {
    let ledger = queries::get_consent_ledger(&context.db, path.0, act.at).await?;
    Reader::new(&context, &act, ContactReadKind::Consents).note([path.0]);
    Ok(web::Json(ledger))
}

/// Ask whether a contact may be approached now for a purpose by a channel, and which entry decides that.
#[utoipa::path(
    operation_id = "check_consent",
    tag = "consents",
    params(("id" = ContactId, Path, description = "The contact"), ConsentQuery),
    responses(
        (status = 200, description = "Whether, and why", body = ConsentCheck),
        (status = 404, description = "There is no such contact", body = Problem),
    ),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/contacts/{id}/consents/check")]
pub async fn check_consent(
    context: web::Data<Context>,
    act: Act,
    path: Path<ContactId>,
    query: Query<ConsentQuery>,
) -> problem::Result<web::Json<ConsentCheck>> {
    let check = queries::check_consent(&context.db, path.0, query.0, act.at).await?;
    Reader::new(&context, &act, ContactReadKind::Consents).note([path.0]);
    Ok(web::Json(check))
}

/// Read an entry of a consent ledger.
#[utoipa::path(
    operation_id = "get_consent",
    tag = "consents",
    params(("id" = ConsentId, Path)),
    responses(
        (status = 200, description = "The entry", body = ConsentEntry),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/consents/{id}")]
pub async fn get_consent(
    context: web::Data<Context>,
    act: Act,
    path: Path<ConsentId>,
) -> problem::Result<HttpResponse> {
    let entry = queries::get_consent(&context.db, path.0).await?;
    Reader::new(&context, &act, ContactReadKind::Consents).note([entry.contact_id]);
    Ok(http::found(entry))
}
