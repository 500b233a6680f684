//! The service under test: notes.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use actix_web::{HttpResponse, get, patch, post, web};
use chassis::{
    Act, Authenticate, Caller, Context, Service,
    http::{self, Body, IfMatch, ListQuery, Paging, Path, Query},
};
use database::{Id, Migrations, keyset, on, sql_types::SqlId};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

use uuid::Uuid;
use wire::{Entity, Page};

/// Where requests to `hold` wait until a test lets them go.
pub struct Gate {
    /// One permit for each request that has begun.
    pub begun: Semaphore,
    /// One permit for each request that may end.
    pub open: Semaphore,
}

/// The gate of one caller, so that tests in one process do not open each other's.
pub fn gate(caller: &str) -> Arc<Gate> {
    static GATES: LazyLock<Mutex<HashMap<String, Arc<Gate>>>> = LazyLock::new(Mutex::default);
    let closed = || Arc::new(Gate { begun: Semaphore::new(0), open: Semaphore::new(0) });
    GATES.lock().unwrap().entry(caller.to_owned()).or_insert_with(closed).clone()
}

pub static SERVICE: Service = Service {
    name: "notes",
    about: "Notes, to test chassis with",
    migrations: || vec![Migrations { postgres: POSTGRES, sqlite: SQLITE }],
    openapi: || utoipa::openapi::OpenApi::new(utoipa::openapi::Info::new("Notes", "1"), utoipa::openapi::Paths::new()),
    routes,
    subscriptions: &[],
    republish: None,
    prepare: None,
    background: &[],
    authenticate: Authenticate::InternalToken,
    keys: &[],
    configure: None,
};

const POSTGRES: EmbeddedMigrations = embed_migrations!("tests/it/migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("tests/it/migrations/sqlite");

diesel::table! {
    use diesel::sql_types::*;
    use super::SqlId;

    notes (id) {
        id -> SqlId,
        title -> Text,
        version -> BigInt,
    }
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Note {
    pub id: Uuid,
    pub title: String,
    pub version: i64,
}

impl Entity for Note {
    const PATH: &'static str = "/api/v1/notes";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

#[derive(Deserialize, ToSchema)]
pub struct NewNote {
    #[schema(min_length = 1, max_length = 10)]
    pub title: String,
    #[schema(minimum = 1, maximum = 5)]
    #[serde(default)]
    #[expect(dead_code, reason = "only its schema matters here")]
    stars: Option<i32>,
    #[serde(default)]
    #[expect(dead_code, reason = "only its schema matters here")]
    colour: Option<Colour>,
    #[serde(default)]
    #[expect(dead_code, reason = "only its schema matters here")]
    labels: Vec<Label>,
    #[serde(default)]
    #[expect(dead_code, reason = "only its schema matters here")]
    due: Option<chrono::NaiveDate>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Colour {
    Red,
    Blue,
}

#[derive(Deserialize, ToSchema)]
struct Label {
    #[schema(pattern = "^[a-z]+$")]
    #[expect(dead_code, reason = "only its schema matters here")]
    name: String,
}

#[derive(Deserialize, ToSchema)]
pub struct NotePatch {
    #[serde(default)]
    title: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only notes with this title.
    #[param(max_length = 10)]
    title: Option<String>,
}

fn routes(config: &mut chassis::Routes) {
    config
        .service(create_note)
        .service(list_notes)
        .service(get_note)
        .service(change_note)
        .service(hold)
        .service(break_down)
        .service(give_up)
        .service(whoami);
}

type Row = (Id, String, i64);

fn note((id, title, version): Row) -> Note {
    Note { id: id.get(), title, version }
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("there is no note {0}")]
    NoteNotFound(Uuid),
    #[error(transparent)]
    Stale(#[from] http::Stale),
    #[error(transparent)]
    Database(#[from] database::Error),
}

problem::codes! {
    Error {
        NoteNotFound(_) => "note-not-found", 404, "Note not found", "笔记不存在";
        Stale(_) => "version-stale", 412, "Version stale", "版本已过期";
        Database(_) => problem::INTERNAL;
    }
}

/// Creates a note.
#[utoipa::path(tag = "notes", request_body = NewNote, responses((status = 201, body = Note)), security(("caller" = ["notes:write"])))]
#[post("/api/v1/notes")]
async fn create_note(context: web::Data<Context>, act: Act, body: Body<NewNote>) -> problem::Result<HttpResponse> {
    Ok(http::created(create(&context, &act, body.0).await?))
}

async fn create(context: &Context, act: &messaging::Act, new: NewNote) -> Result<Note, Error> {
    let mut tx = context.db.begin().await?;
    let row = (Id::from(act.new_id()), new.title, 1);
    let values = (notes::id.eq(row.0), notes::title.eq(&row.1), notes::version.eq(row.2));
    on!(tx, |c| diesel::insert_into(notes::table).values(values).execute(c).await)?;
    chassis::audit::record(&mut tx, act, "note.created", "note", row.0.get()).await?;
    tx.commit().await?;
    Ok(note(row))
}

/// Lists notes.
#[utoipa::path(tag = "notes", params(ListQuery, Filter), responses((status = 200, body = Page<Note>)), security(("caller" = ["notes:read"])))]
#[get("/api/v1/notes")]
async fn list_notes(
    context: web::Data<Context>,
    list: ListQuery,
    filter: Query<Filter>,
) -> problem::Result<web::Json<Page<Note>>> {
    let paging = Paging::parse(&list, &["title"], "title")?;
    let (items, count) = list_of(&context, &paging, filter.0.title).await?;
    Ok(web::Json(paging.counted(items, count)))
}

async fn list_of(context: &Context, paging: &Paging, title: Option<String>) -> Result<(Vec<Note>, Option<i64>), Error> {
    let mut conn = context.db.read().await?;
    let rows: Vec<Row> = on!(conn, |c| {
        let mut query = notes::table.into_boxed::<Backend>();
        if let Some(title) = &title {
            query = query.filter(notes::title.eq(title));
        }
        keyset!(query, &paging.request, notes, { "title" => title: String }).load(c).await
    })?;
    let count = match paging.request.count {
        true => Some(on!(conn, |c| notes::table.count().get_result(c).await)?),
        false => None,
    };
    Ok((rows.into_iter().map(note).collect(), count))
}

/// Reads a note.
#[utoipa::path(tag = "notes", responses((status = 200, body = Note)), security(("caller" = ["notes:read"])))]
#[get("/api/v1/notes/{id}")]
async fn get_note(context: web::Data<Context>, id: Path<Uuid>) -> problem::Result<HttpResponse> {
    Ok(http::found(load(&context, id.0).await?))
}

async fn load(context: &Context, id: Uuid) -> Result<Note, Error> {
    let mut conn = context.db.read().await?;
    let row: Option<Row> = on!(conn, |c| notes::table.find(Id::from(id)).first(c).await.optional())?;
    row.map(note).ok_or(Error::NoteNotFound(id))
}

/// Changes a note.
#[utoipa::path(tag = "notes", request_body = NotePatch, responses((status = 200, body = Note)), security(("caller" = ["notes:write"])))]
#[patch("/api/v1/notes/{id}")]
async fn change_note(
    context: web::Data<Context>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<NotePatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(change(&context, id.0, if_match, body.0).await?))
}

async fn change(context: &Context, id: Uuid, if_match: IfMatch, patch: NotePatch) -> Result<Note, Error> {
    let current = load(context, id).await?;
    if_match.check(current.version)?;
    let changed = Note { title: patch.title.unwrap_or(current.title), version: current.version + 1, ..current };
    let values = (notes::title.eq(&changed.title), notes::version.eq(changed.version));
    let mut tx = context.db.begin().await?;
    on!(tx, |c| diesel::update(notes::table.find(Id::from(id))).set(values).execute(c).await)?;
    tx.commit().await?;
    Ok(changed)
}

/// Answers when the test says so.
#[utoipa::path(tag = "notes", responses((status = 200)), security(("caller" = [])))]
#[post("/api/v1/hold")]
async fn hold(caller: Caller) -> HttpResponse {
    let gate = gate(&caller.id);
    gate.begun.add_permits(1);
    match tokio::time::timeout(Duration::from_secs(20), gate.open.acquire()).await {
        Ok(Ok(permit)) => permit.forget(),
        Ok(Err(_)) | Err(_) => return HttpResponse::GatewayTimeout().finish(),
    }
    HttpResponse::Ok().json("held")
}

/// Panics.
#[utoipa::path(tag = "notes", responses((status = 200)), security(("caller" = [])))]
#[post("/api/v1/break-down")]
async fn break_down() -> HttpResponse {
    panic!("on purpose")
}

/// Fails.
#[utoipa::path(tag = "notes", responses((status = 200)), security(("caller" = [])))]
#[post("/api/v1/give-up")]
async fn give_up() -> problem::Result<HttpResponse> {
    Err(Error::Database(database::Error::other("password of the database is hunter2")))?
}

/// Tells anyone who they are.
#[utoipa::path(tag = "notes", responses((status = 200)), security(()))]
#[get("/api/v1/whoami")]
async fn whoami(caller: Option<Caller>) -> web::Json<String> {
    web::Json(caller.map_or_else(|| "anonymous".to_owned(), |caller| caller.id))
}
