use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, post, web};
use chassis::http::{BODY_LIMIT, Path, Query, Refusal};
use chassis::{Act, Context};
use futures::StreamExt;
use problem::Problem;
use registry_contract::{CardOutcome, ContactId, ContactQuery, ContactReadKind, CustomerId, VCardImport, VCardQuery};
use wire::Reference;

use crate::domain::write_card;
use crate::error::Error;
use crate::reads::Reader;
use crate::{commands, queries};

const VCARD: &str = "text/vcard; charset=utf-8";

/// Make contacts of a customer out of a file of vCards: 2.1, 3.0 or 4.0, up to 1,000 cards and 1 MiB.
///
/// Pictures and what else a contact has no place for are left out with a warning. Whoever the customer has already, by
/// name and an address in common, is not created again. A card that cannot be taken spoils no other.
#[utoipa::path(
    operation_id = "import_vcards",
    tag = "contacts",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)")),
    request_body(content = String, content_type = "text/vcard", description = "UTF-8, UTF-16 with a mark, or GB 18030"),
    responses(
        (status = 200, description = "What became of each card", body = VCardImport),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 413, description = "It has more than 1 MiB", body = Problem),
        (status = 415, description = "It is not sent as text/vcard", body = Problem),
        (status = 422, description = "There is no card in it, or more than 1,000", body = Problem),
    ),
    security(("caller" = ["contacts:write"])),
)]
#[post("/api/v1/customers/{id}/contacts/vcards")]
pub async fn import_vcards(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    request: HttpRequest,
    payload: web::Payload,
) -> problem::Result<web::Json<VCardImport>> {
    if !is_vcard(request.content_type()) {
        return Err(Error::VCardExpected.into());
    }
    let file = whole(payload).await?;
    let done = commands::import_vcards(&context.db, &act, &path.0, &file).await?;
    let known = done.results.iter().filter(|result| result.outcome == CardOutcome::Existing);
    let shown = known.filter_map(|result| result.contact.as_ref()).map(|contact| contact.id);
    Reader::new(&context, &act, ContactReadKind::Vcard).note(shown);
    Ok(web::Json(done))
}

/// As version 2.1 and 3.0 were sent before there was a name of its own.
fn is_vcard(media: &str) -> bool {
    ["text/vcard", "text/x-vcard", "text/directory"].iter().any(|known| media.eq_ignore_ascii_case(known))
}

async fn whole(mut payload: web::Payload) -> Result<web::Bytes, Refusal> {
    let mut body = web::BytesMut::new();
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|_| Refusal::BodyBroken)?;
        if body.len() + piece.len() > BODY_LIMIT {
            return Err(Refusal::BodyTooLarge { limit: BODY_LIMIT });
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// Read a contact as a vCard.
#[utoipa::path(
    operation_id = "get_vcard",
    tag = "contacts",
    params(("id" = ContactId, Path), VCardQuery),
    responses(
        (status = 200, description = "The card", body = String, content_type = "text/vcard"),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "The contact is erased", body = Problem),
    ),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/contacts/{id}/vcard")]
pub async fn get_vcard(
    context: web::Data<Context>,
    act: Act,
    path: Path<ContactId>,
    query: Query<VCardQuery>,
) -> problem::Result<HttpResponse> {
    let contact = queries::get_contact(&context.db, path.0).await?;
    if contact.erased_at.is_some() {
        return Err(Error::ContactErased.into());
    }
    Reader::new(&context, &act, ContactReadKind::Vcard).note([contact.id]);
    let card = write_card(&contact, query.0.version);
    Ok(attached(&contact.id.to_string()).body(card))
}

/// Export contacts as a file of vCards, of any length, those created first coming first.
#[utoipa::path(
    operation_id = "export_vcards",
    tag = "contacts",
    params(ContactQuery, VCardQuery),
    responses((status = 200, description = "The cards", body = String, content_type = "text/vcard")),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/contacts/vcards")]
pub async fn export_vcards(
    context: web::Data<Context>,
    act: Act,
    contacts: Query<ContactQuery>,
    query: Query<VCardQuery>,
) -> problem::Result<HttpResponse> {
    commands::note_export(&context.db, &act, "contacts").await?;
    let reader = Reader::new(&context, &act, ContactReadKind::Vcard);
    let cards = queries::cards(context.db.clone(), contacts.0, query.0.version, reader);
    Ok(attached("contacts").streaming(cards.map(|text| text.map(web::Bytes::from))))
}

fn attached(name: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, VCARD))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.vcf\"")));
    response
}
