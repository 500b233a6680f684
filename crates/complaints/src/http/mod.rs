//! Routes and handlers; the rules are in `commands` and `domain`.

mod bulk;
mod causes;
mod complaints;
mod corrective_actions;
mod imports;
mod signals;
mod transitions;

use utoipa::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;

#[derive(OpenApi)]
#[openapi(tags(
    (name = "complaints", description = "Complaints, from intake to closure (投诉)"),
    (name = "causes", description = "Why complaints came about: fishbone and five whys (鱼骨图)"),
    (name = "corrective actions", description = "What is done about causes, and whether it helped (纠正与预防措施)"),
    (name = "signals", description = "Complaints that nobody made: what customers' behaviour tells (隐性抱怨)"),
    (name = "complaint imports", description = "Complaints from files"),
))]
struct Document;

pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Fixed segments come before `{id}`, which would take them for a number.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(complaints::open_complaint)
        .service(complaints::list_complaints)
        .service(complaints::summarize_complaints)
        .service(complaints::upsert_external_complaint)
        .service(bulk::bulk_open_complaints)
        .service(imports::import_complaints)
        .service(imports::get_complaint_import)
        .service(imports::list_complaint_import_rows)
        .service(imports::get_complaint_import_errors)
        .service(complaints::get_complaint)
        .service(complaints::amend_complaint)
        .service(complaints::list_complaint_history)
        .service(transitions::acknowledge_complaint)
        .service(transitions::assess_complaint)
        .service(transitions::respond_to_complaint)
        .service(transitions::resolve_complaint)
        .service(transitions::close_complaint)
        .service(transitions::reopen_complaint)
        .service(transitions::withdraw_complaint)
        .service(causes::create_cause)
        .service(causes::list_causes)
        .service(causes::get_cause)
        .service(causes::amend_cause)
        .service(causes::get_cause_pareto)
        .service(corrective_actions::create_corrective_action)
        .service(corrective_actions::list_complaint_corrective_actions)
        .service(corrective_actions::list_corrective_actions)
        .service(corrective_actions::get_corrective_action)
        .service(corrective_actions::amend_corrective_action)
        .service(corrective_actions::complete_corrective_action)
        .service(corrective_actions::check_corrective_action)
        .service(corrective_actions::cancel_corrective_action)
        .service(corrective_actions::get_closure_rules)
        .service(corrective_actions::set_closure_rules)
        .service(signals::list_signals)
        .service(signals::get_signal)
        .service(signals::judge_signal)
        .service(signals::open_signal_complaint)
        .service(signals::list_detectors)
        .service(signals::get_detector)
        .service(signals::set_detector_rule);
}
