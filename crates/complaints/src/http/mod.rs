//! Routes and handlers; the rules are in `commands` and `domain`.

mod acts;
mod attachments;
mod bulk;
mod calendars;
mod causes;
mod clocks;
mod complaints;
mod corrective_actions;
mod detectors;
mod imports;
mod links;
mod mail;
mod messages;
mod portal;
mod ratings;
mod service_report;
mod signals;
mod sla_policies;
mod transitions;
mod who;

use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(tags(
    (name = "complaints", description = "Complaints, from intake to closure (投诉)"),
    (name = "causes", description = "Why complaints came about: fishbone and five whys (鱼骨图)"),
    (name = "corrective actions", description = "What is done about causes, and whether it helped (纠正与预防措施)"),
    (name = "signals", description = "Complaints that nobody made: what customers' behaviour tells (隐性抱怨)"),
    (name = "portal", description = "For whoever complains, without a login"),
    (name = "messages", description = "What customers are told at each step, and how it reaches them"),
    (name = "complaint imports", description = "Complaints from files"),
    (name = "service levels", description = "Calendars, promises to customers, and how they are kept (处理时限)"),
))]
struct Document;

pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Fixed segments come before `{id}`, which would take them for a number.
pub fn routes(config: &mut chassis::Routes) {
    config
        .service(complaints::open_complaint)
        .service(complaints::list_complaints)
        .service(complaints::summarize_complaints)
        .service(complaints::upsert_external_complaint)
        .service(bulk::bulk_open_complaints)
        .service(mail::take_in_complaint_mail)
        .service(imports::import_complaints)
        .service(imports::get_complaint_import)
        .service(imports::list_complaint_import_rows)
        .service(imports::get_complaint_import_errors)
        .service(complaints::get_complaint)
        .service(complaints::amend_complaint)
        .service(complaints::list_complaint_history)
        .service(clocks::get_complaint_clocks)
        .service(clocks::list_complaint_escalations)
        .service(clocks::list_escalations)
        .service(calendars::open_calendar)
        .service(calendars::list_calendars)
        .service(calendars::get_calendar)
        .service(calendars::replace_calendar)
        .service(service_report::get_service_report)
        .service(sla_policies::create_sla_policy)
        .service(sla_policies::list_sla_policies)
        .service(sla_policies::get_current_sla_policy)
        .service(sla_policies::get_sla_policy)
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
        .service(detectors::list_detectors)
        .service(detectors::get_detector_report)
        .service(detectors::get_detector)
        .service(detectors::set_detector_rule)
        .service(acts::investigate_complaint)
        .service(acts::accept_complaint)
        .service(acts::escalate_complaint)
        .service(acts::wait_for_customer)
        .service(acts::resume_complaint)
        .service(acts::contain_complaint)
        .service(acts::inform_customer)
        .service(acts::hear_customer)
        .service(acts::follow_up_complaint)
        .service(acts::reject_complaint)
        .service(attachments::attach_file)
        .service(attachments::list_attachments)
        .service(attachments::download_attachment)
        .service(links::list_related_complaints)
        .service(links::list_complaint_links)
        .service(links::link_complaints)
        .service(messages::list_complaint_messages)
        .service(messages::list_messages)
        .service(messages::claim_messages)
        .service(messages::report_message_delivery)
        .service(messages::retry_message)
        .service(messages::list_message_templates)
        .service(messages::get_message_template)
        .service(messages::set_message_template)
        .service(ratings::list_complaint_ratings)
        .service(ratings::rate_complaint)
        .service(ratings::get_rating_page)
        .service(portal::open_portal_complaint)
        .service(portal::follow_portal_complaint)
        .service(portal::hear_portal_complainant)
        .service(portal::attach_portal_file)
        .service(portal::download_portal_attachment)
        .service(portal::accept_portal_answer)
        .service(portal::dispute_portal_answer)
        .service(portal::withdraw_portal_complaint);
}
