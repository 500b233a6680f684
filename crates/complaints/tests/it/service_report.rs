use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use chrono::{DateTime, NaiveDateTime, Utc};
use complaints_contract::{
    BulkComplaintsResult, Clock, Complaint, ComplaintEntry, ComplaintSummary, Count, ReportGrouping, ServiceReport,
    State,
};
use registry_contract::v1::{
    CustomerCreated, CustomerFact, CustomerUpdated, EmployeeChanged, EmployeeFact, EmployeeTeam,
};
use registry_contract::{EmployeeId, TeamId, Tier};
use serde_json::{Value, json};
use testkit::{Client, both};
use wire::Page;

use crate::support::{PATH, customer, grievance, key, open, redact, start_quiet, with};

const REPORT: &str = "/api/v1/service-report";

async fn report(client: &Client, query: &str) -> ServiceReport {
    client.get(&format!("{REPORT}?{query}")).await.read(200)
}

/// A complaint that was received and settled then.
fn settled(received: &str, resolved: &str, product: &str) -> Value {
    with(
        grievance(),
        json!({
            "product": product,
            "received_at": received,
            "progress": {"state": "closed", "first_responded_at": received, "resolved_at": resolved},
        }),
    )
}

/// What the lines of a CSV have in these columns.
fn columns(csv: &str, names: &[&str]) -> Vec<Vec<String>> {
    let mut lines = csv.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let place = |name: &&str| header.iter().position(|column| column == name).expect("a column");
    let places: Vec<_> = names.iter().map(place).collect();
    lines.map(|cells| places.iter().map(|place| cells[*place].clone()).collect()).collect()
}

/// What a help desk did with a ticket, by the numbers of its log, and where the complaint stands then; nothing where it
/// stays where it was. The file has no names: these are inferred, from those of the published log in alphabetical order,
/// and fit how often and where each number occurs. Its `Closed`, which ends a case there, the file leaves out.
const ACTIVITIES: [(&str, &str, Option<State>); 9] = [
    ("1", "Assign seriousness", Some(State::Assessed)),
    ("2", "Create SW anomaly", None),
    ("3", "Insert ticket", Some(State::Received)),
    ("4", "Require upgrade", None),
    ("5", "Resolve SW anomaly", None),
    // One ticket in twelve goes on after it: it is an answer, and settles the ticket only where nothing follows.
    ("6", "Resolve ticket", Some(State::Responded)),
    ("7", "Schedule intervention", None),
    ("8", "Take in charge ticket", Some(State::Investigating)),
    ("9", "Wait", Some(State::Waiting)),
];

/// One event of the log of a help desk.
struct Event {
    case: String,
    opened: DateTime<Utc>,
    at: DateTime<Utc>,
    /// Where the complaint stands after it; nothing where it stays where it was.
    state: Option<State>,
}

impl Event {
    fn parse(line: &str) -> Self {
        let [case, activity, at] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (_, _, state) = ACTIVITIES.into_iter().find(|(number, _, _)| *number == activity).expect("an activity");
        // The times of the log name no zone.
        let at = NaiveDateTime::parse_from_str(at, "%Y-%m-%d %H:%M:%S").expect("a time").and_utc();
        Self { case: case.to_owned(), opened: at, at, state }
    }

    fn ends_the_case(&self) -> bool {
        self.state == Some(State::Closed)
    }

    /// What the help desk tells of the ticket as of then.
    fn report(&self) -> Value {
        let at = self.at;
        let report = json!({
            "channel": "desk", "external_id": key("helpdesk", &self.case), "received_at": self.opened, "as_of": at,
        });
        let progress = match self.state {
            None => json!({}),
            Some(state @ State::Received) => json!({"progress": {"state": state}}),
            Some(state @ State::Responded) => json!({"progress": {"state": state, "first_responded_at": at}}),
            Some(state @ State::Closed) => json!({
                "progress": {"state": state, "first_responded_at": at, "resolved_at": at, "closed_at": at},
            }),
            Some(state) => json!({"progress": {"state": state, "acknowledged_at": at}}),
        };
        with(grievance(), with(report, progress))
    }
}

/// The events of a help desk as they came, those of all cases together.
fn helpdesk() -> Option<Vec<Event>> {
    let folder = PathBuf::from(std::env::var_os("GUANXI_DATA_DIR")?);
    let text = std::fs::read_to_string(folder.join("complaints/helpdesk_italian_events.csv")).expect("the events");
    let mut log: Vec<_> = text.lines().skip(1).map(Event::parse).collect();
    // Events of one case at the same time stay in the order of the file.
    log.sort_by_key(|event| event.at);
    let mut opened = HashMap::new();
    for event in &mut log {
        event.opened = *opened.entry(event.case.clone()).or_insert(event.at);
    }
    let mut ended = HashSet::new();
    for event in log.iter_mut().rev() {
        if ended.insert(event.case.clone()) {
            assert_eq!(event.state, Some(State::Responded), "case {} ends otherwise", event.case);
            event.state = Some(State::Closed);
        }
    }
    Some(log)
}

both! {
    async fn a_team_is_the_one_that_the_handler_is_in(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let employee_id = EmployeeId::new();
        let told = |sequence, team: &str| {
            EmployeeChanged(EmployeeFact {
                employee_id,
                sequence,
                code: "Wang.Fang".to_owned(),
                team: Some(EmployeeTeam { id: TeamId::new(), code: team.to_owned(), name: "Line repair".to_owned(), lead_id: None }),
                active_from: "2026-01-01".parse().expect("a day"),
                active_until: None,
                manager_id: None,
            })
        };
        app.deliver(&told(2, "T-REPAIR")).await;
        app.deliver(&told(1, "T-OLD")).await;
        let received = json!({"received_at": "2026-03-02T01:00:00Z"});
        open(&client, &with(grievance(), with(received.clone(), json!({"handler": "wang.fang"})))).await;
        open(&client, &with(grievance(), received)).await;
        let report = report(&client, "from=2026-03-01&to=2026-04-01&by=team").await;
        let groups: Vec<_> = report.rows.iter().map(|row| (row.group.as_deref(), row.received)).collect();
        assert_eq!(groups, [(Some(""), 1), (Some("T-REPAIR"), 1)]);
    }

    async fn codes_that_differ_only_in_case_count_nothing_twice(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        for (code, team) in [("Wang.Fang", Some("T-SALES")), ("wang.fang", Some("T-REPAIR")), ("WANG.FANG", None)] {
            let team = team.map(|team| EmployeeTeam { id: TeamId::new(), code: team.to_owned(), name: "A team".to_owned(), lead_id: None });
            let fact = EmployeeFact {
                employee_id: EmployeeId::new(),
                sequence: 1,
                code: code.to_owned(),
                team,
                active_from: "2026-01-01".parse().expect("a day"),
                active_until: None,
                manager_id: None,
            };
            app.deliver(&EmployeeChanged(fact)).await;
        }
        open(&client, &with(grievance(), json!({"received_at": "2026-03-02T01:00:00Z", "handler": "wang.fang"}))).await;
        let march = "from=2026-03-01&to=2026-04-01&period=whole";
        let by_team = report(&client, &format!("{march}&by=team")).await;
        let groups: Vec<_> = by_team.rows.iter().map(|row| (row.group.as_deref(), row.received, row.backlog.total)).collect();
        assert_eq!(groups, [(Some("T-REPAIR"), 1, 1)]);
        let whole = report(&client, march).await;
        assert_eq!((whole.rows.len(), whole.rows[0].received), (1, 1));
    }

    async fn a_tier_is_the_one_that_the_customer_has(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let strategic = CustomerFact { tier: Tier::S, ..customer("C-000001") };
        let general = CustomerFact { tier: Tier::C, ..customer("C-000002") };
        for fact in [&strategic, &general] {
            app.deliver(&CustomerCreated(fact.clone())).await;
        }
        open(&client, &with(grievance(), json!({"received_at": "2026-03-02T01:00:00Z"}))).await;
        for code in ["C-000001", "C-000001", "C-000002"] {
            let of = json!({"received_at": "2026-03-02T01:00:00Z", "customer_id": code});
            open(&client, &with(grievance(), of)).await;
        }
        let by_tier = async || {
            let report = report(&client, "from=2026-03-01&to=2026-04-01&by=tier").await;
            report.rows.into_iter().map(|row| (row.group.unwrap_or_default(), row.received)).collect::<Vec<_>>()
        };
        assert_eq!(by_tier().await, [(String::new(), 1), ("C".to_owned(), 1), ("S".to_owned(), 2)]);
        app.deliver(&CustomerUpdated(CustomerFact { sequence: 2, tier: Tier::A, ..general })).await;
        assert_eq!(by_tier().await, [(String::new(), 1), ("A".to_owned(), 1), ("S".to_owned(), 2)]);
    }

    async fn a_report_tells_periods_and_groups(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        open(&client, &settled("2026-03-02T01:00:00Z", "2026-03-03T01:00:00Z", "Router")).await;
        open(&client, &settled("2026-03-04T01:00:00Z", "2026-03-06T01:00:00Z", "Router")).await;
        open(&client, &settled("2026-03-05T01:00:00Z", "2026-04-02T01:00:00Z", "=cmd()")).await;
        open(&client, &with(grievance(), json!({"received_at": "2026-03-20T01:00:00Z"}))).await;

        let mut answer = client.get(&format!("{REPORT}?from=2026-03-01&to=2026-05-01")).await.expect(200);
        answer["as_of"] = json!("[time]");
        insta::assert_json_snapshot!(redact(answer), @r#"
        {
          "as_of": "[time]",
          "by": null,
          "from": "2026-02-28T16:00:00Z",
          "groupings": [],
          "period": "month",
          "rows": [
            {
              "backlog": {
                "older": 0,
                "total": 2,
                "up_to_30_days": 2,
                "up_to_7_days": 0,
                "up_to_90_days": 0
              },
              "group": null,
              "groups": [],
              "in_time": [
                {
                  "clock": "acknowledge",
                  "kept": 3,
                  "missed": 1,
                  "rate": 0.75
                },
                {
                  "clock": "first_response",
                  "kept": 3,
                  "missed": 1,
                  "rate": 0.75
                },
                {
                  "clock": "containment",
                  "kept": 2,
                  "missed": 2,
                  "rate": 0.5
                },
                {
                  "clock": "next_update",
                  "kept": 5,
                  "missed": 2,
                  "rate": 0.7142857142857143
                },
                {
                  "clock": "resolution",
                  "kept": 2,
                  "missed": 1,
                  "rate": 0.6666666666666666
                }
              ],
              "period_from": "2026-02-28T16:00:00Z",
              "period_to": "2026-03-31T16:00:00Z",
              "rating": {
                "attitude": null,
                "attitude_rate": null,
                "count": 0,
                "result": null,
                "result_rate": null
              },
              "received": 4,
              "reopened": 0,
              "resolution": {
                "count": 2,
                "elapsed": {
                  "mean": 129600.0,
                  "median": 129600.0,
                  "p90": 164160.0
                },
                "working": {
                  "mean": 43200.0,
                  "median": 43200.0,
                  "p90": 54720.0
                }
              },
              "resolution_rate": 0.75,
              "resolved": 2,
              "response": {
                "count": 3,
                "elapsed": {
                  "mean": 0.0,
                  "median": 0.0,
                  "p90": 0.0
                },
                "working": {
                  "mean": 0.0,
                  "median": 0.0,
                  "p90": 0.0
                }
              },
              "trend": null
            },
            {
              "backlog": {
                "older": 0,
                "total": 1,
                "up_to_30_days": 0,
                "up_to_7_days": 0,
                "up_to_90_days": 1
              },
              "group": null,
              "groups": [],
              "in_time": [
                {
                  "clock": "acknowledge",
                  "kept": 0,
                  "missed": 0,
                  "rate": null
                },
                {
                  "clock": "first_response",
                  "kept": 0,
                  "missed": 0,
                  "rate": null
                },
                {
                  "clock": "containment",
                  "kept": 0,
                  "missed": 0,
                  "rate": null
                },
                {
                  "clock": "next_update",
                  "kept": 0,
                  "missed": 0,
                  "rate": null
                },
                {
                  "clock": "resolution",
                  "kept": 0,
                  "missed": 1,
                  "rate": 0.0
                }
              ],
              "period_from": "2026-03-31T16:00:00Z",
              "period_to": "2026-04-30T16:00:00Z",
              "rating": {
                "attitude": null,
                "attitude_rate": null,
                "count": 0,
                "result": null,
                "result_rate": null
              },
              "received": 0,
              "reopened": 0,
              "resolution": {
                "count": 1,
                "elapsed": {
                  "mean": 2419200.0,
                  "median": 2419200.0,
                  "p90": 2419200.0
                },
                "working": {
                  "mean": 576000.0,
                  "median": 576000.0,
                  "p90": 576000.0
                }
              },
              "resolution_rate": null,
              "resolved": 1,
              "response": {
                "count": 0,
                "elapsed": null,
                "working": null
              },
              "trend": {
                "attitude_rate": null,
                "backlog": -1,
                "received": -4,
                "resolution_in_time": -0.6666666666666666,
                "resolution_median": 2289600.0,
                "resolved": -1,
                "response_median": null
              }
            }
          ],
          "staff": null,
          "to": "2026-04-30T16:00:00Z"
        }
        "#);
        let by_product = report(&client, "from=2026-03-01&to=2026-04-01&by=product").await;
        let groups: Vec<_> =
            by_product.rows.iter().map(|row| (row.group.as_deref(), row.received, row.resolved, row.backlog.total)).collect();
        assert_eq!(groups, [(Some(""), 1, 0, 1), (Some("=cmd()"), 1, 0, 1), (Some("Router"), 2, 2, 0)]);
        let weeks = report(&client, "from=2026-03-02&to=2026-03-16&period=week&by=severity").await;
        assert_eq!(weeks.rows.len(), 2);
        assert_eq!(weeks.rows[1].trend.as_ref().map(|trend| trend.received), Some(-3));

        let csv = client.get(&format!("{REPORT}?from=2026-03-01&to=2026-04-01&by=product&format=csv")).await;
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        let text = csv.body.as_str().expect("CSV").to_owned();
        assert_eq!(text.lines().count(), 4);
        assert!(text.contains("\"'=cmd()\""), "{text}");
    }

    async fn a_report_tells_up_to_three_things_apart(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        for (product, channel) in [("Switch", "phone"), ("Router", "phone"), ("Router", "desk"), ("Router", "phone")] {
            let body = json!({"received_at": "2026-03-02T01:00:00Z", "product": product, "channel": channel});
            open(&client, &with(grievance(), body)).await;
        }
        let march = "from=2026-03-01&to=2026-04-01";
        let told = report(&client, &format!("{march}&by=product,channel,team")).await;
        assert_eq!(told.by, Some(ReportGrouping::Product));
        assert_eq!(told.groupings, [ReportGrouping::Product, ReportGrouping::Channel, ReportGrouping::Team]);
        let groups: Vec<_> = told.rows.iter().map(|row| (row.group.as_deref(), row.groups.join("/"), row.received)).collect();
        let router = |groups: &str, received| (Some("Router"), groups.to_owned(), received);
        let expected =
            [router("Router/desk/", 1), router("Router/phone/", 2), (Some("Switch"), "Switch/phone/".to_owned(), 1)];
        assert_eq!(groups, expected);
        let twice = client.get(&format!("{REPORT}?{march}&by=team,product,team")).await;
        assert_eq!((twice.problem(), &twice.body["errors"][0]["code"]), ((422, "complaint-invalid"), &json!("not-unique")));
        let many = client.get(&format!("{REPORT}?{march}&by=team,product,tier,issue")).await;
        assert_eq!(many.problem(), (400, "query-invalid"));
    }

    async fn a_spreadsheet_has_every_figure(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        open(&client, &settled("2026-03-02T01:00:00Z", "2026-03-03T01:00:00Z", "Router")).await;
        open(&client, &settled("2026-03-05T01:00:00Z", "2026-04-02T01:00:00Z", "Router")).await;
        let path = format!("{REPORT}?from=2026-03-01&to=2026-05-01&by=product,channel&format=csv");
        let csv = client.get(&path).await.expect(200);
        let text = csv.as_str().expect("CSV");
        let header = [
            "period_from,period_to,group,second_group,third_group,received,resolved,reopened,resolution_rate",
            "response_count,response_mean,response_median,response_p90",
            "response_working_mean,response_working_median,response_working_p90",
            "resolution_count,resolution_mean,resolution_median,resolution_p90",
            "resolution_working_mean,resolution_working_median,resolution_working_p90",
            "backlog,backlog_up_to_7_days,backlog_up_to_30_days,backlog_up_to_90_days,backlog_older_than_90_days",
            "rating_count,attitude_mean,attitude_rate,result_mean,result_rate",
            "trend_received,trend_resolved,trend_backlog,trend_response_median,trend_resolution_median",
            "trend_resolution_in_time,trend_attitude_rate",
            "in_time_acknowledge_kept,in_time_acknowledge_missed,in_time_acknowledge",
            "in_time_first_response_kept,in_time_first_response_missed,in_time_first_response",
            "in_time_containment_kept,in_time_containment_missed,in_time_containment",
            "in_time_next_update_kept,in_time_next_update_missed,in_time_next_update",
            "in_time_resolution_kept,in_time_resolution_missed,in_time_resolution",
        ];
        assert_eq!(text.lines().next(), Some(header.join(",").as_str()));
        for (names, expected) in [
            (["group", "second_group", "third_group", "received"], [["Router", "phone", "", "2"], ["Router", "phone", "", "0"]]),
            (
                ["backlog", "backlog_up_to_30_days", "resolution_rate", "resolution_median"],
                [["1", "1", "1.000", "86400.000"], ["0", "0", "", "2419200.000"]],
            ),
            (
                ["trend_received", "trend_backlog", "trend_resolution_median", "trend_attitude_rate"],
                [["", "", "", ""], ["-2", "-1", "2332800.000", ""]],
            ),
            (
                ["in_time_resolution_kept", "in_time_resolution_missed", "in_time_resolution", "rating_count"],
                [["1", "1", "0.500", "0"], ["0", "0", "", "0"]],
            ),
        ] {
            assert_eq!(columns(text, &names), expected, "{names:?}");
        }
        let nothing = client.get(&format!("{REPORT}?from=2020-01-01&to=2020-02-01&format=csv")).await.expect(200);
        assert_eq!(nothing, json!(header.join(",") + "\r\n"));
    }

    async fn complaints_about_our_people_are_counted_for_few(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let monitor = app.client(&["complaints:read", "complaints:write", "complaints:restricted"]);
        for person in ["zhang.san", "tester"] {
            let body = json!({"received_at": "2026-03-02T01:00:00Z", "about_staff": person});
            monitor.post(PATH, &with(grievance(), body)).await.expect(201);
        }
        let march = "from=2026-03-01&to=2026-04-01";
        let seen = report(&client, march).await;
        assert_eq!((seen.rows.len(), seen.staff), (0, None));
        // Not counted: the one about whoever asks.
        let seen = report(&monitor, march).await;
        let staff: Vec<_> = seen.staff.iter().flatten().map(|period| (period.received, period.resolved, period.open)).collect();
        assert_eq!((seen.rows.len(), staff), (0, vec![(1, 0, 1)]));

        let file = format!("{REPORT}?{march}&format=csv&part=staff");
        let told = monitor.get(&file).await;
        assert_eq!(told.header("content-disposition"), Some("attachment; filename=\"staff-complaints.csv\""));
        let period = "2026-02-28T16:00:00+00:00,2026-03-31T16:00:00+00:00";
        let lines = format!("period_from,period_to,received,resolved,open\r\n{period},1,0,1\r\n");
        assert_eq!(told.expect(200), json!(lines));
        assert_eq!(client.get(&file).await.problem(), (403, "staff-hidden"));
    }

    async fn a_wrong_span_is_refused(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        let refused = client.get(&format!("{REPORT}?from=2026-03-01&to=2026-03-01&time_zone=Mars")).await;
        assert_eq!(refused.problem(), (422, "complaint-invalid"));
        let pointers: Vec<_> = refused.body["errors"].as_array().into_iter().flatten().map(|error| &error["pointer"]).collect();
        assert_eq!(pointers, ["?time_zone", "?to"]);
        let far = client.get(&format!("{REPORT}?from=2026-01-01&to=9999-12-31&period=whole")).await;
        assert_eq!((far.problem(), &far.body["errors"][0]["pointer"]), ((422, "complaint-invalid"), &json!("?to")));
        client.get(&format!("{REPORT}?from=1970-01-01&to=2200-01-01&period=whole")).await.expect(200);
        assert_eq!(client.get(&format!("{REPORT}?from=2026-03-01")).await.problem(), (400, "query-invalid"));
        assert_eq!(client.get(&format!("{REPORT}?from=2026-03-01&to=2026-04-01&by=colour")).await.problem(), (400, "query-invalid"));
    }

    async fn a_report_of_too_many_rows_is_refused(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        // Each is open at the end of each of 120 months.
        let of = |product: i32| with(grievance(), json!({"received_at": "2015-12-15T01:00:00Z", "product": format!("P{product}")}));
        client.post(&format!("{PATH}/bulk"), &json!({"complaints": (0..90).map(of).collect::<Vec<_>>()})).await.expect(200);
        let years = "from=2016-01-01&to=2026-01-01&by=product";
        let refused = client.get(&format!("{REPORT}?{years}")).await;
        assert_eq!((refused.problem(), &refused.body["errors"][0]["code"]), ((422, "complaint-invalid"), &json!("too-many")));
        assert_eq!(report(&client, &format!("{years}&period=whole")).await.rows.len(), 90);
    }

    async fn real_data_of_a_help_desk_gives_its_durations(db: TestDb) {
        let Some(log) = helpdesk() else {
            eprintln!("skipped: GUANXI_DATA_DIR is not set");
            return;
        };
        assert_eq!(log.len(), 13_710);
        let (_app, client) = start_quiet(db).await;
        let mut cases: HashMap<&str, Complaint> = HashMap::new();
        // In the order of time over all cases. Rows of one request are taken one after the other, each seeing what those
        // before it did, so that a request may tell of a case more than once.
        for events in log.chunks(1000) {
            let reports: Vec<_> = events.iter().map(Event::report).collect();
            let answer = client.post(&format!("{PATH}/bulk"), &json!({"complaints": reports})).await;
            let told: BulkComplaintsResult = answer.read(200);
            assert_eq!((told.succeeded, told.results.len()), (events.len(), events.len()));
            for (event, outcome) in events.iter().zip(told.results) {
                let complaint = outcome.complaint.expect("a complaint");
                let seen = (complaint.state.is_open(), complaint.received_at, complaint.resolved_at, complaint.closed_at);
                let settled_at = event.ends_the_case().then_some(event.at);
                assert_eq!(seen, (settled_at.is_none(), event.opened, settled_at, settled_at), "case {}", event.case);
                let known = cases.insert(event.case.as_str(), complaint).is_some();
                assert_eq!(outcome.status, if known { 200 } else { 201 }, "case {}", event.case);
            }
        }
        assert_eq!(cases.len(), 3804);
        let summary: ComplaintSummary = client.get(&format!("{PATH}/summary?external_system=helpdesk")).await.read(200);
        assert_eq!(summary.by_state, [Count { value: "closed".to_owned(), count: 3804 }]);
        // Taken in charge, put off and answered, twice over: no report leads back from the answer.
        let twice = client.get(&format!("{PATH}/{}/history", cases["1050"].id)).await;
        let twice: Vec<_> = twice.read::<Page<ComplaintEntry>>(200).items.iter().map(|entry| entry.what.as_str()).collect();
        assert_eq!(twice[..4], ["opened", "acknowledged", "assessed", "investigation_started"]);
        assert_eq!(twice[4..], ["wait_started", "resumed", "responded", "wait_started", "resumed", "resolved", "closed"]);

        let whole = report(&client, "from=2010-01-01&to=2013-01-01&period=whole&time_zone=Etc/UTC").await;
        let [row] = &whole.rows[..] else { panic!("{whole:?}") };
        let days = |seconds: Option<f64>| format!("{:.3}", seconds.expect("a figure") / 86_400.0);
        assert_eq!((row.received, row.resolved, row.resolution.count, row.backlog.total), (3804, 3804, 3804, 0));
        assert_eq!(days(row.resolution.elapsed.map(|spread| spread.mean)), "8.798");
        assert_eq!(days(row.resolution.elapsed.map(|spread| spread.median)), "3.928");
        assert_eq!((row.response.count, row.reopened), (3804, 0));
        assert_eq!(days(row.response.elapsed.map(|spread| spread.mean)), "8.381");
        assert_eq!(days(row.response.elapsed.map(|spread| spread.median)), "3.285");
        let promises = row.in_time.iter().find(|promise| promise.clock == Clock::Resolution).expect("resolutions");
        assert_eq!(promises.kept + promises.missed, 3804);
        let months = report(&client, "from=2010-01-01&to=2013-01-01&time_zone=Etc/UTC").await;
        assert_eq!(months.rows.iter().map(|row| row.resolved).sum::<i64>(), 3804);
    }
}
