use actix_web::{HttpResponse, get, patch, post, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{Contact, ContactId, ContactPatch, ContactQuery, ContactReadKind, NewContact};
use wire::Page;

use super::{asked, page};
use crate::reads::Reader;
use crate::{commands, queries};

const SORTS: &[&str] = &["name", "created_at", "updated_at"];

/// Create a contact.
#[utoipa::path(
    operation_id = "create_contact",
    tag = "contacts",
    request_body = NewContact,
    responses(
        (status = 201, description = "Created", body = Contact),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["contacts:write"])),
)]
#[post("/api/v1/contacts")]
pub async fn create_contact(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewContact>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_contact(&context.db, &act, body.0).await?))
}

/// List contacts, by name unless sorted by any of name, created_at, updated_at. With `q` and without `sort` those that fit
/// best come first.
#[utoipa::path(
    operation_id = "list_contacts",
    tag = "contacts",
    params(ContactQuery, ListQuery),
    responses((status = 200, description = "A page", body = Page<Contact>)),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/contacts")]
pub async fn list_contacts(
    context: web::Data<Context>,
    act: Act,
    query: Query<ContactQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<Contact>>> {
    let reader = Reader::new(&context, &act, ContactReadKind::List);
    if let Some(question) = asked(query.0.q.as_deref(), &list) {
        let paging = Paging::parse(&list, &["relevance"], "relevance")?;
        let (found, next) = queries::search_contacts(&context.db, &question, &query.0, &paging.request).await?;
        let page = paging.going_on(found.items, found.count, next);
        reader.note(page.items.iter().map(|contact| contact.id));
        return Ok(web::Json(page));
    }
    let paging = Paging::parse(&list, SORTS, "name")?;
    let listed = queries::list_contacts(&context.db, &query.0, &paging.request).await?;
    let page = page(&paging, listed);
    reader.note(page.items.iter().map(|contact| contact.id));
    Ok(web::Json(page))
}

/// Read a contact.
#[utoipa::path(
    operation_id = "get_contact",
    tag = "contacts",
    params(("id" = ContactId, Path)),
    responses(
        (status = 200, description = "The contact", body = Contact),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/contacts/{id}")]
pub async fn get_contact(
    context: web::Data<Context>,
    act: Act,
    path: Path<ContactId>,
) -> problem::Result<HttpResponse> {
    let contact = queries::get_contact(&context.db, path.0).await?;
    Reader::new(&context, &act, ContactReadKind::Contact).note([contact.id]);
    Ok(http::found(contact))
}

/// Change a contact.
#[utoipa::path(
    operation_id = "update_contact",
    tag = "contacts",
    params(("id" = ContactId, Path), ("If-Match" = String, Header, description = "The ETag last read, or `*`")),
    request_body(content = ContactPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The contact as it is now", body = Contact),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "The contact is erased", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["contacts:write"])),
)]
#[patch("/api/v1/contacts/{id}")]
pub async fn update_contact(
    context: web::Data<Context>,
    act: Act,
    path: Path<ContactId>,
    expected: IfMatch,
    body: Body<ContactPatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::update_contact(&context.db, &act, path.0, expected, body.0).await?))
}
