diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    complaints (id) {
        id -> SqlId,
        number -> Text,
        customer_id -> Nullable<SqlId>,
        customer_system -> Nullable<Text>,
        customer_key -> Nullable<Text>,
        contact_id -> Nullable<SqlId>,
        channel -> Text,
        subject -> Text,
        description -> Nullable<Text>,
        product -> Nullable<Text>,
        issue -> Nullable<Text>,
        remedy_sought -> Nullable<Text>,
        severity -> SmallInt,
        safety -> Bool,
        language -> Text,
        state -> Text,
        external_system -> Nullable<Text>,
        external_key -> Nullable<Text>,
        received_at -> SqlInstant,
        acknowledged_at -> Nullable<SqlInstant>,
        first_responded_at -> Nullable<SqlInstant>,
        resolved_at -> Nullable<SqlInstant>,
        closed_at -> Nullable<SqlInstant>,
        moved_at -> SqlInstant,
        reopened_count -> Integer,
        resolution -> Nullable<Text>,
        handler -> Nullable<Text>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
        about_staff -> Nullable<Text>,
        order_number -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    intakes (complaint_id) {
        complaint_id -> SqlId,
        reported_by -> Nullable<Text>,
        name -> Nullable<Text>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        confidential -> Text,
        as_of -> Nullable<SqlInstant>,
        secret -> Nullable<Text>,
        preferred_channel -> Nullable<Text>,
        erased_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use database::sql_types::{SqlId, SqlInstant};

    erased_contacts (contact_id) {
        contact_id -> SqlId,
        erased_at -> SqlInstant,
    }
}

diesel::joinable!(intakes -> complaints (complaint_id));

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    messages (id) {
        id -> SqlId,
        complaint_id -> SqlId,
        channel -> Text,
        language -> Text,
        subject -> Text,
        body -> Text,
        state -> Text,
        created_at -> SqlInstant,
        step -> Text,
        attempts -> Integer,
        available_at -> Nullable<SqlInstant>,
        failure -> Nullable<Text>,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlInstant;

    message_templates (step, language) {
        step -> Text,
        language -> Text,
        subject -> Text,
        body -> Text,
        enabled -> Bool,
        version -> BigInt,
        updated_at -> SqlInstant,
        updated_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    ratings (message_id) {
        message_id -> SqlId,
        complaint_id -> SqlId,
        digest -> Nullable<Text>,
        expires_at -> Nullable<SqlInstant>,
        attitude -> Nullable<SmallInt>,
        result -> Nullable<SmallInt>,
        comment -> Nullable<Text>,
        rated_at -> Nullable<SqlInstant>,
    }
}

diesel::joinable!(messages -> complaints (complaint_id));
diesel::allow_tables_to_appear_in_same_query!(messages, complaints);

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    mails (id) {
        id -> SqlId,
        key -> Text,
        sender -> Nullable<Text>,
        outcome -> Text,
        reason -> Nullable<Text>,
        complaint_id -> Nullable<SqlId>,
        received_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    attachments (id) {
        id -> SqlId,
        complaint_id -> SqlId,
        name -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
        actor -> Text,
        at -> SqlInstant,
        from_complainant -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    links (id) {
        id -> SqlId,
        complaint_id -> SqlId,
        other_id -> SqlId,
        relation -> Text,
        actor -> Text,
        at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    history (id) {
        id -> SqlId,
        complaint_id -> SqlId,
        seq -> BigInt,
        what -> Text,
        from_state -> Nullable<Text>,
        to_state -> Text,
        at -> SqlInstant,
        recorded_at -> SqlInstant,
        actor -> Text,
        note_to_customer -> Nullable<Text>,
        reason -> Nullable<Text>,
        resolution -> Nullable<Text>,
        fields -> Text,
        from_customer -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    courses (complaint_id) {
        complaint_id -> SqlId,
        contained_at -> Nullable<SqlInstant>,
        told_at -> Nullable<SqlInstant>,
        accepted_at -> Nullable<SqlInstant>,
        waiting_since -> Nullable<SqlInstant>,
        waits_from -> Nullable<Text>,
        follow_up_due_at -> Nullable<SqlInstant>,
        follow_up_cancelled -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    clocks (complaint_id) {
        complaint_id -> SqlId,
        verdict -> Nullable<Bool>,
        timely -> Nullable<Bool>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    known_customers (customer_id) {
        customer_id -> SqlId,
        sequence -> BigInt,
        code -> Text,
        tier -> Text,
        owner -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    known_employees (employee_id) {
        employee_id -> SqlId,
        sequence -> BigInt,
        code -> Text,
        team -> Nullable<Text>,
        team_lead_id -> Nullable<SqlId>,
        manager_id -> Nullable<SqlId>,
        active_until -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    known_sponsors (team_member_id) {
        team_member_id -> SqlId,
        sequence -> BigInt,
        customer_id -> SqlId,
        employee_id -> SqlId,
        from_day -> Date,
        until_day -> Nullable<Date>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(known_sponsors, known_employees);

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    customer_languages (customer_id) {
        customer_id -> SqlId,
        language -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    known_external_ids (system, external_id, customer_id) {
        system -> Text,
        external_id -> Text,
        customer_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    imports (id) {
        id -> SqlId,
        state -> Text,
        reason -> Nullable<Text>,
        mapping -> Jsonb,
        row_count -> BigInt,
        created -> BigInt,
        updated -> BigInt,
        unchanged -> BigInt,
        refused -> BigInt,
        by_channel -> Jsonb,
        actor -> Text,
        started_at -> SqlInstant,
        finished_at -> Nullable<SqlInstant>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    import_rows (id) {
        id -> SqlId,
        import_id -> SqlId,
        row_number -> BigInt,
        outcome -> Text,
        complaint_id -> Nullable<SqlId>,
        errors -> Jsonb,
        cells -> Jsonb,
    }
}

diesel::joinable!(clocks -> complaints (complaint_id));
diesel::allow_tables_to_appear_in_same_query!(complaints, clocks, known_customers, known_external_ids, intakes, queue);

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    causes (id) {
        id -> SqlId,
        complaint_id -> SqlId,
        parent_id -> Nullable<SqlId>,
        depth -> Integer,
        category -> Text,
        label -> Nullable<Text>,
        text -> Text,
        state -> Text,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    corrective_actions (id) {
        id -> SqlId,
        complaint_id -> SqlId,
        cause_id -> Nullable<SqlId>,
        kind -> Text,
        text -> Text,
        owner -> Text,
        due -> Date,
        state -> Text,
        evidence -> Nullable<Text>,
        done_at -> Nullable<SqlInstant>,
        done_by -> Nullable<Text>,
        finding -> Nullable<Text>,
        checked_at -> Nullable<SqlInstant>,
        checked_by -> Nullable<Text>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlInstant;

    closure_rules (version) {
        version -> BigInt,
        root_cause_to_severity -> Nullable<SmallInt>,
        effective_action_to_severity -> Nullable<SmallInt>,
        follow_up_days -> Nullable<SmallInt>,
        updated_at -> SqlInstant,
        updated_by -> Text,
    }
}

diesel::table! {
    use database::sql_types::SqlId;

    moved_complaints (complaint_id) {
        complaint_id -> SqlId,
        origin_id -> SqlId,
    }
}

diesel::allow_tables_to_appear_in_same_query!(complaints, moved_complaints);

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    calendars (id) {
        id -> SqlId,
        code -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    calendar_versions (calendar_id, version) {
        calendar_id -> SqlId,
        version -> BigInt,
        body -> Text,
        valid_from -> SqlInstant,
        actor -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    sla_policies (id) {
        id -> SqlId,
        version -> BigInt,
        body -> Text,
        valid_from -> SqlInstant,
        actor -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    clock_ranks (complaint_id, seq) {
        complaint_id -> SqlId,
        seq -> BigInt,
        at -> SqlInstant,
        tier -> Nullable<Text>,
        severity -> SmallInt,
        kind -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    due_times (id, clock, run) {
        #[sql_name = "complaint_id"]
        id -> SqlId,
        clock -> Text,
        run -> Integer,
        policy -> BigInt,
        target_seconds -> BigInt,
        started_at -> SqlInstant,
        due_at -> Nullable<SqlInstant>,
        stopped_at -> Nullable<SqlInstant>,
        elapsed_seconds -> Nullable<BigInt>,
        kept -> Nullable<Bool>,
        is_moot -> Bool,
        escalate_at -> Nullable<SqlInstant>,
        percent -> Nullable<Integer>,
        is_next -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    escalations (id) {
        id -> SqlId,
        complaint_id -> SqlId,
        clock -> Text,
        run -> Integer,
        percent -> Integer,
        recipients -> Text,
        executive_contact_proposed -> Bool,
        due_at -> SqlInstant,
        fired_at -> SqlInstant,
    }
}

diesel::allow_tables_to_appear_in_same_query!(escalations, complaints, due_times, escalation_recipients);

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlId;

    escalation_recipients (escalation_id, role) {
        escalation_id -> SqlId,
        role -> Text,
        user_name -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    clock_rebuilds (id) {
        id -> SmallInt,
        wanted_at -> SqlInstant,
        everything -> Bool,
        after_id -> Nullable<SqlId>,
        is_done -> Bool,
    }
}

// The same table where something is due: what lists are sorted by is never null there.
diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    #[sql_name = "due_times"]
    queue (id, clock, run) {
        #[sql_name = "complaint_id"]
        id -> SqlId,
        clock -> Text,
        run -> Integer,
        due_at -> SqlInstant,
        stopped_at -> Nullable<SqlInstant>,
        is_next -> Bool,
    }
}

diesel::joinable!(calendar_versions -> calendars (calendar_id));
diesel::allow_tables_to_appear_in_same_query!(calendars, calendar_versions);

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    observed_facts (kind, id) {
        kind -> Text,
        id -> SqlId,
        customer_id -> SqlId,
        sequence -> BigInt,
        lasts_until -> Nullable<SqlInstant>,
        data -> Jsonb,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    watched_customers (customer_id) {
        customer_id -> SqlId,
        due_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    signals (id) {
        id -> SqlId,
        detector -> Text,
        customer_id -> SqlId,
        origin_id -> SqlId,
        contact_id -> Nullable<SqlId>,
        state -> Text,
        owner -> Nullable<Text>,
        measured -> BigInt,
        threshold -> BigInt,
        rule_version -> BigInt,
        confidence -> SmallInt,
        evidence -> Jsonb,
        found_at -> SqlInstant,
        eased_at -> Nullable<SqlInstant>,
        verdict -> Nullable<Text>,
        note -> Nullable<Text>,
        judged_at -> Nullable<SqlInstant>,
        judged_by -> Nullable<Text>,
        complaint_id -> Nullable<SqlId>,
        version -> BigInt,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlInstant;

    detector_rules (detector, version) {
        detector -> Text,
        version -> BigInt,
        enabled -> Bool,
        window_days -> Integer,
        threshold -> BigInt,
        least_facts -> Integer,
        updated_at -> SqlInstant,
        updated_by -> Text,
    }
}
