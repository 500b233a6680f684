use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use chassis::http::Query;
use chassis::{Act, Caller, Context, csv};
use futures::TryStreamExt;
use registry_contract::{
    ContactQuery, ContactReadKind, CustomFilters, CustomerQuery, DuplicateQuery, EmployeeQuery, ExportFormat,
    ExportQuery, OfCustomers, PositionQuery, TeamMemberQuery, TierProposalQuery,
};
use tokio_util::io::ReaderStream;
use utoipa::IntoResponses;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder, ResponsesBuilder};

use super::sight;
use crate::commands;
use crate::queries::{self, ContactExport, CustomerExport, Export};
use crate::reads::Reader;

/// What every export answers.
struct ExportedFile;

impl IntoResponses for ExportedFile {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let text = || Content::new(Some(ObjectBuilder::new().schema_type(Type::String).build()));
        let refused = |why: &str| {
            let problem = Content::new(Some(Ref::from_schema_name("Problem")));
            ResponseBuilder::new().description(why).content("application/json", problem)
        };
        let file = ResponseBuilder::new().description("The file").content(csv::CSV, text()).content(csv::XLSX, text());
        ResponsesBuilder::new()
            .response("200", file)
            .response("400", refused("There is no such column"))
            .response("422", refused("The list is too long for a workbook"))
            .build()
            .into()
    }
}

/// Export customers as a CSV file or an Excel workbook, by id; filtered like the list. What is exported can be imported.
///
/// In CSV, cells that a spreadsheet would run as formulas begin with an apostrophe, which an import takes away again.
/// Without `contacts:read`, `address`, `phone`, `tax_id`, identifiers and custom fields of consumers are empty, and
/// `X-Withheld-Columns` names them. Columns bear the names of the fields that an import reads, and `id`, `version`,
/// `created_at`, `updated_at`. `external_ids` has all keys in other systems (`sap:4711;crm:7`), `external_id.sap` the
/// first in the system `sap`.
#[utoipa::path(
    operation_id = "export_customers",
    tag = "customers",
    params(CustomerQuery, CustomFilters, ExportQuery),
    responses(ExportedFile),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/export")]
pub async fn export_customers(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    wanted: Query<CustomerQuery>,
    how: Query<ExportQuery>,
) -> problem::Result<HttpResponse> {
    let export = CustomerExport::of(&context.db, wanted.0, how.0.columns.as_deref(), sight(&caller)).await?;
    attached(&context, &act, Export::Customers(Box::new(export)), &how.0).await
}

/// Export contacts as a CSV file or an Excel workbook, by id; filtered like the list.
///
/// In CSV, cells that a spreadsheet would run as formulas begin with an apostrophe. Columns bear the names of the fields of
/// a contact; `customer_code` and `customer_name` tell whose contact it is. `topics` and `contact_points`
/// (`email:home:li@example.com`) have `;` between their items. Without `customers:read`, code and name of the customer
/// are empty, and `X-Withheld-Columns` names them.
#[utoipa::path(
    operation_id = "export_contacts",
    tag = "contacts",
    params(ContactQuery, ExportQuery),
    responses(ExportedFile),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/contacts/export")]
pub async fn export_contacts(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    wanted: Query<ContactQuery>,
    how: Query<ExportQuery>,
) -> problem::Result<HttpResponse> {
    let reader = Reader::new(&context, &act, ContactReadKind::Export);
    let export = ContactExport::of(wanted.0, how.0.columns.as_deref(), caller.can("customers:read"), reader)?;
    attached(&context, &act, Export::Contacts(export), &how.0).await
}

/// Export pairs of customers that may be one as a CSV file or an Excel workbook, by id; filtered like the list.
///
/// In CSV, cells that a spreadsheet would run as formulas begin with an apostrophe. Each row has a pair: code, name and id of
/// the `first` and the `second`, and what the list tells of it. Pairs with consumers are only for those who may read
/// contacts.
#[utoipa::path(
    operation_id = "export_duplicates",
    tag = "duplicates",
    params(DuplicateQuery, ExportQuery),
    responses(ExportedFile),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/duplicates/export")]
pub async fn export_duplicates(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    wanted: Query<DuplicateQuery>,
    how: Query<ExportQuery>,
) -> problem::Result<HttpResponse> {
    let export = queries::export_duplicates(wanted.0, how.0.columns.as_deref(), sight(&caller))?;
    attached(&context, &act, export, &how.0).await
}

/// Export employees as a CSV file or an Excel workbook, by id; filtered like the list.
///
/// In CSV, cells that a spreadsheet would run as formulas begin with an apostrophe. `team` and `manager` are codes, as in a
/// bulk request; `external_ids` has all keys in other systems (`hr:0007;crm:7`).
#[utoipa::path(
    operation_id = "export_employees",
    tag = "staff",
    params(EmployeeQuery, ExportQuery),
    responses(ExportedFile),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/employees/export")]
pub async fn export_employees(
    context: web::Data<Context>,
    act: Act,
    wanted: Query<EmployeeQuery>,
    how: Query<ExportQuery>,
) -> problem::Result<HttpResponse> {
    let export = queries::export_employees(wanted.0, how.0.columns.as_deref())?;
    attached(&context, &act, export, &how.0).await
}

/// Export who works for which customer as a CSV file or an Excel workbook, by id: memberships of account teams, of all
/// customers or of some. Who owns a customer stands in the export of customers.
///
/// In CSV, cells that a spreadsheet would run as formulas begin with an apostrophe.
#[utoipa::path(
    operation_id = "export_team_members",
    tag = "account-teams",
    params(OfCustomers, TeamMemberQuery, ExportQuery),
    responses(ExportedFile),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/team-members/export")]
pub async fn export_team_members(
    context: web::Data<Context>,
    act: Act,
    of: Query<OfCustomers>,
    wanted: Query<TeamMemberQuery>,
    how: Query<ExportQuery>,
) -> problem::Result<HttpResponse> {
    let export = queries::export_team_members(of.0, wanted.0, how.0.columns.as_deref())?;
    attached(&context, &act, export, &how.0).await
}

/// Export positions as a CSV file or an Excel workbook, by id: of all customers or of some, filtered like the list of one
/// customer's.
///
/// In CSV, cells that a spreadsheet would run as formulas begin with an apostrophe. `reports_to_title` is the title of the
/// position above. Without `customers:read`, code and name of the customer are empty, and `X-Withheld-Columns` names them.
#[utoipa::path(
    operation_id = "export_positions",
    tag = "seats",
    params(OfCustomers, PositionQuery, ExportQuery),
    responses(ExportedFile),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/positions/export")]
pub async fn export_positions(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    of: Query<OfCustomers>,
    wanted: Query<PositionQuery>,
    how: Query<ExportQuery>,
) -> problem::Result<HttpResponse> {
    let export = queries::export_positions(of.0, wanted.0, how.0.columns.as_deref(), caller.can("customers:read"))?;
    attached(&context, &act, export, &how.0).await
}

/// Export tier proposals as a CSV file or an Excel workbook, by id; filtered like the list.
///
/// In CSV, cells that a spreadsheet would run as formulas begin with an apostrophe. `deciders` has who said what
/// (`approve:user:…;reject:user:…`).
#[utoipa::path(
    operation_id = "export_tier_proposals",
    tag = "tiers",
    params(TierProposalQuery, ExportQuery),
    responses(ExportedFile),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/tier-proposals/export")]
pub async fn export_tier_proposals(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    wanted: Query<TierProposalQuery>,
    how: Query<ExportQuery>,
) -> problem::Result<HttpResponse> {
    let export = queries::export_tier_proposals(wanted.0, how.0.columns.as_deref(), &caller.id)?;
    attached(&context, &act, export, &how.0).await
}

/// Export qualifications as a CSV file or an Excel workbook, by id: of all customers or of some.
///
/// In CSV, cells that a spreadsheet would run as formulas begin with an apostrophe. `score` is in hundredths of a point.
#[utoipa::path(
    operation_id = "export_qualifications",
    tag = "qualifications",
    params(OfCustomers, ExportQuery),
    responses(ExportedFile),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/qualifications/export")]
pub async fn export_qualifications(
    context: web::Data<Context>,
    act: Act,
    of: Query<OfCustomers>,
    how: Query<ExportQuery>,
) -> problem::Result<HttpResponse> {
    let export = queries::export_qualifications(of.0, how.0.columns.as_deref())?;
    attached(&context, &act, export, &how.0).await
}

/// Export vendors as a CSV file or an Excel workbook, by id: of all customers or of some.
///
/// In CSV, cells that a spreadsheet would run as formulas begin with an apostrophe. `strengths`, `weaknesses` and
/// `relations` (the id of a position and the note: `019a…:golf`) have `;` between their items. `same_as_name` is the name of
/// the vendor that this one is the same as.
#[utoipa::path(
    operation_id = "export_vendors",
    tag = "vendors",
    params(OfCustomers, ExportQuery),
    responses(ExportedFile),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/vendors/export")]
pub async fn export_vendors(
    context: web::Data<Context>,
    act: Act,
    of: Query<OfCustomers>,
    how: Query<ExportQuery>,
) -> problem::Result<HttpResponse> {
    let export = queries::export_vendors(of.0, how.0.columns.as_deref())?;
    attached(&context, &act, export, &how.0).await
}

/// Export who has which share of a product line in a period as a CSV file or an Excel workbook, by the id of what was
/// recorded: of all customers or of some. Only what counts is there, not what was corrected.
///
/// In CSV, cells that a spreadsheet would run as formulas begin with an apostrophe. `share_bp` is in basis points of
/// `wallet`, which is what the customer spends on the line, and `unknown_bp` is what nobody is known to have of it. A line of
/// which nobody has anything, and a period without lines, have a row too.
#[utoipa::path(
    operation_id = "export_vendor_shares",
    tag = "vendors",
    params(OfCustomers, ExportQuery),
    responses(ExportedFile),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/vendor-shares/export")]
pub async fn export_vendor_shares(
    context: web::Data<Context>,
    act: Act,
    of: Query<OfCustomers>,
    how: Query<ExportQuery>,
) -> problem::Result<HttpResponse> {
    let export = queries::export_vendor_shares(of.0, how.0.columns.as_deref())?;
    attached(&context, &act, export, &how.0).await
}

/// The file, once it is noted who takes it out of the house.
async fn attached(context: &Context, act: &Act, export: Export, how: &ExportQuery) -> problem::Result<HttpResponse> {
    let (db, name, format) = (&context.db, export.name(), how.format);
    commands::note_export(db, act, name).await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{format}\"")));
    if !export.withheld().is_empty() {
        answer.insert_header(("x-withheld-columns", export.withheld().join(",")));
    }
    Ok(match format {
        ExportFormat::Csv => answer
            .content_type(format!("{}; charset={}", csv::CSV, how.charset))
            .streaming(queries::export_csv(db.clone(), export, how.charset).map_ok(web::Bytes::from)),
        ExportFormat::Xlsx => {
            let file = tokio::fs::File::from_std(queries::export_xlsx(db, export).await?);
            answer.content_type(csv::XLSX).streaming(ReaderStream::new(file))
        }
    })
}
