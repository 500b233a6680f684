use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use chassis::http::Query;
use chassis::{Act, Caller, Context, csv};
use futures::TryStreamExt;
use problem::Problem;
use registry_contract::{CustomFilters, CustomerQuery, ExportCustomers, ExportFormat};
use tokio_util::io::ReaderStream;

use super::sight;
use crate::commands;
use crate::queries::{self, Export};

/// Export customers as a CSV file or an Excel workbook, by id; filtered like the list. What is exported can be imported.
///
/// In CSV, cells that a spreadsheet would run as formulas begin with an apostrophe, which an import takes away again.
/// Without `contacts:read`, `address`, `phone`, `tax_id`, identifiers and custom fields of consumers are empty, and `X-Withheld-Columns` names them. A
/// customer with several keys in one system is exported with the first.
#[utoipa::path(
    operation_id = "export_customers",
    tag = "customers",
    params(CustomerQuery, CustomFilters, ExportCustomers),
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
    how: Query<ExportCustomers>,
) -> problem::Result<HttpResponse> {
    let (db, how) = (&context.db, how.0);
    let export = Export::of(db, wanted.0, how.columns.as_deref(), sight(&caller)).await?;
    commands::note_export(db, &act, "customers").await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"customers.{}\"", how.format)));
    if !export.withheld().is_empty() {
        answer.insert_header(("x-withheld-columns", export.withheld().join(",")));
    }
    Ok(match how.format {
        ExportFormat::Csv => answer
            .content_type(format!("{}; charset={}", csv::CSV, how.charset))
            .streaming(queries::export_csv(db.clone(), export, how.charset).map_ok(web::Bytes::from)),
        ExportFormat::Xlsx => {
            let file = tokio::fs::File::from_std(queries::export_xlsx(db, export).await?);
            answer.content_type(csv::XLSX).streaming(ReaderStream::new(file))
        }
    })
}
