use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use chassis::http::Query;
use chassis::{Act, Caller, Context, csv};
use futures::TryStreamExt;
use problem::Problem;
use registry_contract::{
    ContactQuery, ContactReadKind, CustomFilters, CustomerQuery, DuplicateQuery, EmployeeQuery, ExportFormat,
    ExportQuery, OfCustomers, PositionQuery, TeamMemberQuery, TierProposalQuery,
};
use tokio_util::io::ReaderStream;

use super::sight;
use crate::commands;
use crate::queries::{self, ContactExport, CustomerExport, Export};
use crate::reads::Reader;

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
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 400, description = "There is no such column", body = Problem),
        (status = 422, description = "The list is too long for a workbook", body = Problem),
    ),
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
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 400, description = "There is no such column", body = Problem),
        (status = 422, description = "The list is too long for a workbook", body = Problem),
    ),
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
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 400, description = "There is no such column", body = Problem),
        (status = 422, description = "The list is too long for a workbook", body = Problem),
    ),
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
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 400, description = "There is no such column", body = Problem),
        (status = 422, description = "The list is too long for a workbook", body = Problem),
    ),
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
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 400, description = "There is no such column", body = Problem),
        (status = 422, description = "The list is too long for a workbook", body = Problem),
    ),
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
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 400, description = "There is no such column", body = Problem),
        (status = 422, description = "The list is too long for a workbook", body = Problem),
    ),
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
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 400, description = "There is no such column", body = Problem),
        (status = 422, description = "The list is too long for a workbook", body = Problem),
    ),
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
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 400, description = "There is no such column", body = Problem),
        (status = 422, description = "The list is too long for a workbook", body = Problem),
    ),
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
