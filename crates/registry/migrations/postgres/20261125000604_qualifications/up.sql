CREATE TABLE qualification_policies (
    id uuid PRIMARY KEY,
    number bigint NOT NULL CONSTRAINT qualification_policies_number_key UNIQUE,
    terms jsonb NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE qualifications (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    policy bigint NOT NULL REFERENCES qualification_policies (number),
    answers jsonb NOT NULL,
    result jsonb NOT NULL,
    decision text,
    decision_number bigint,
    reason text,
    decided_by text,
    decided_at timestamptz,
    version bigint NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX qualifications_customer ON qualifications (customer_id, created_at, id);

-- Version 1 comes with the product (src/domain/default_qualification_policy.json) and never changes: qualifications name it.
INSERT INTO qualification_policies (id, number, terms, created_by, created_at) VALUES (
    '019ab860-0000-7000-8000-000000000001', 1, '{"name":"客户筛选标准 / Prospect qualification","pass_from":6500,"conditional_from":4500,"criteria":[{"key":"need","group":"need","question":"客户是否有我们能够满足的明确需求？ Does the customer have a clear need that we can meet?","weight":20,"answers":[{"key":"stated","label":"需求明确，方案匹配 / stated, and our offer fits","points":100},{"key":"latent","label":"有痛点，尚未成为需求 / a pain, not yet a need","points":60},{"key":"unclear","label":"不明确 / unclear","points":20},{"key":"none","label":"无法满足 / none that we can meet","points":0,"knock_out":true}]},{"key":"timing","group":"need","question":"预计何时采购？ When will it buy?","weight":10,"answers":[{"key":"half_year","label":"半年内 / within half a year","points":100},{"key":"year","label":"一年内 / within a year","points":60},{"key":"later","label":"更晚或未知 / later or unknown","points":20}]},{"key":"fit","group":"qualification","question":"是否符合我们的市场定位？ Does it fit our market position?","weight":15,"answers":[{"key":"core","label":"核心目标客户 / of our core market","points":100},{"key":"adjacent","label":"相邻市场 / of a neighbouring market","points":50},{"key":"outside","label":"定位之外 / outside","points":0}]},{"key":"budget","group":"qualification","question":"预算是否落实？ Is there a budget?","weight":15,"answers":[{"key":"approved","label":"已批准 / approved","points":100},{"key":"planned","label":"在计划中 / planned","points":60},{"key":"none","label":"没有或未知 / none or unknown","points":0}]},{"key":"legality","group":"qualification","question":"主体资格与合规（营业执照、制裁名单）？ Is it licensed, and on no sanctions list?","weight":5,"answers":[{"key":"clear","label":"已核实 / verified","points":100},{"key":"open","label":"待核实 / to be verified","points":40},{"key":"breach","label":"不合规 / in breach","points":0,"knock_out":true}]},{"key":"history","group":"history","question":"与我们或同行的合作历史如何？ How did it work with us, or with others like us?","weight":15,"answers":[{"key":"good","label":"良好 / well","points":100},{"key":"none","label":"没有合作 / not at all yet","points":50},{"key":"disputes","label":"有纠纷 / with disputes","points":10}]},{"key":"payment","group":"credit","question":"付款信誉如何？ How does it pay?","weight":12,"answers":[{"key":"on_time","label":"按时 / on time","points":100},{"key":"late","label":"偶有拖欠 / sometimes late","points":40},{"key":"unknown","label":"未知 / unknown","points":40},{"key":"default","label":"严重拖欠或失信 / in default","points":0,"knock_out":true}]},{"key":"solvency","group":"credit","question":"财务状况如何？ How is it off?","weight":8,"answers":[{"key":"strong","label":"稳健 / strong","points":100},{"key":"fair","label":"一般或未知 / fair or unknown","points":50},{"key":"weak","label":"薄弱 / weak","points":0}]}]}', 'system', '2026-11-25T00:00:00Z'
);
