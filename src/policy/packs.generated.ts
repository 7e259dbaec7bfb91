// Written by `npm run generate` from action-policies/. Do not edit.

/** Name of a pack to its text. */
export const packs: Readonly<Record<string, string>> = {
  "baseline": "# What every service can meet from its first day: a change must not bring anything of high severity.\n# What was there already is shown and does not fail; a waiver or `sallyport baseline` deals with a tree that is judged whole.\nversion: 1\ntitle: Baseline\ndescription: A change must not bring findings of high severity. What was there before is shown as a warning.\n\nstages:\n  dependencies:\n    # A database that is older knows nothing of what was published since.\n    maxDataAge: 7d\n\ngates:\n  pull-request:\n    stages:\n      configuration: when-present\n      secrets: when-present\n      dependencies: when-present\n    rules:\n      - introduced-high\n      - introduced-medium\n      - existing-high\n      - malicious-dependency\n\n  # A release is judged whole: what nobody has waived counts, whoever brought it and when.\n  release:\n    stages:\n      configuration: when-present\n      secrets: when-present\n    rules:\n      - introduced-high\n      - introduced-medium\n  # The release rests on its own evidence; what is known by now of the components counts again.\n  deploy:\n    rules:\n      - introduced-high\n      - introduced-medium\n\nrules:\n  - id: introduced-high\n    over: finding\n    # Where there is no base to compare with, `introduced` is null: then everything counts.\n    condition: finding.introduced != false && atLeast(finding.severity, \"high\")\n    action: fail\n    message: A change must not bring a finding of high or critical severity.\n    controls:\n      [pci-dss-4:6.2.4, pci-dss-4:6.5.1, soc2:CC7.1, soc2:CC8.1, iso27001-2022:A.8.8, iso27001-2022:A.8.29]\n\n  - id: introduced-medium\n    over: finding\n    condition: finding.introduced != false && finding.severity == \"medium\"\n    action: warn\n    message: A change should not bring a finding of medium severity.\n    controls: [pci-dss-4:6.2.4, soc2:CC7.1, iso27001-2022:A.8.29]\n\n  - id: existing-high\n    over: finding\n    condition: finding.introduced == false && atLeast(finding.severity, \"high\")\n    action: warn\n    message: A finding of high or critical severity was here before this change.\n    controls: [pci-dss-4:6.3.1, soc2:CC7.1, iso27001-2022:A.8.8]\n\n  - id: malicious-dependency\n    over: finding\n    condition: finding.rule == \"malicious-package\"\n    action: fail\n    message: A package that is known to be malicious must not be used, however long it has been there.\n    controls: [pci-dss-4:6.3.2, soc2:CC7.1, iso27001-2022:A.8.7]\n",
  "pci-dss-4": "# The strict pack with the rules that PCI DSS 4.0.1 asks of software that the entity develops itself. It supports an\n# assessment; it does not make one: `sallyport policy controls` shows which control rests on which rule.\nversion: 1\ntitle: PCI DSS 4\ndescription: Strict, with code analysis always, no authentication data in source or images, and waivers of at most 90 days.\nextends: [strict]\n\ngates:\n  pull-request:\n    stages:\n      configuration: when-present\n      secrets: always\n      code: always\n    rules:\n      - no-authentication-data\n      - engine-had-rules\n\n  release:\n    stages:\n      secrets: always\n      code: always\n    rules:\n      - no-authentication-data\n      - engine-had-rules\n\nlimits:\n  waiverDays: 90\n\nrules:\n  - id: no-authentication-data\n    over: finding\n    condition: >-\n      finding.stage == \"secrets\"\n      || finding.tags.exists(tag, tag in [\"CWE-798\", \"CWE-259\", \"CWE-522\", \"CWE-312\"])\n    action: fail\n    message: Passwords, keys and tokens must not stand in source, configuration or images.\n    controls: [pci-dss-4:8.6.2, soc2:CC6.1, iso27001-2022:A.5.17]\n\n  - id: engine-had-rules\n    over: run\n    condition: run.state != \"nothing-scanned\" && run.rules == 0\n    action: fail\n    message: An engine without a rule finds nothing, whatever is there.\n    controls: [pci-dss-4:6.2.3, iso27001-2022:A.8.29]\n",
  "strict": "# For services that must not be breached: code analysis is asked for, medium severity fails, and what was there before\n# fails too unless somebody has signed for it with a waiver of at most half a year.\nversion: 1\ntitle: Strict\ndescription: Baseline, with code analysis asked for, medium severity failing, and existing high severity failing too.\nextends: [baseline]\n\nstages:\n  dependencies:\n    # Without an advisory database there is no verdict.\n    options: { vulnerabilities: required }\n\ngates:\n  pull-request:\n    stages:\n      configuration: when-present\n      code: when-present\n    rules:\n      - introduced-low\n      - engine-looked-at-everything\n      - exploited-vulnerability\n\n  release:\n    stages:\n      code: when-present\n    rules:\n      - introduced-low\n      - engine-looked-at-everything\n\nlimits:\n  waiverDays: 180\n\nbanned:\n  - id: look-alike\n    condition: component.resembles != null\n    reason: its name could be taken for that of a well-known package\n    instead: Make sure that it is the one that was meant.\n    action: warn\n\nrules:\n  - id: introduced-medium\n    action: fail\n\n  - id: existing-high\n    action: fail\n\n  - id: introduced-low\n    over: finding\n    condition: finding.introduced != false && finding.severity == \"low\"\n    action: warn\n    message: A change brings a finding of low severity.\n    controls: [iso27001-2022:A.8.29]\n\n  - id: engine-looked-at-everything\n    over: run\n    condition: run.how != \"handed-in\" && !run.complete\n    action: fail\n    message: An engine could not look at everything of its kind.\n    controls: [pci-dss-4:6.2.3, soc2:CC7.1, iso27001-2022:A.8.29]\n\n  - id: exploited-vulnerability\n    over: finding\n    condition: finding.exploited == true\n    action: fail\n    message: A vulnerability that is known to be exploited must be mended at once, whatever it is rated.\n    controls: [pci-dss-4:6.3.3, soc2:CC7.1, iso27001-2022:A.8.8]\n"
};

export interface Standard {
  title: string;
  /** Control id to what it asks for. */
  controls: Readonly<Record<string, string>>;
}

/** Standard to its controls, as rules name them: `STANDARD:CONTROL`. */
export const standards: Readonly<Record<string, Standard>> = {
  "pci-dss-4": {
    "title": "PCI DSS 4.0.1",
    "controls": {
      "6.2.3": "Own software is reviewed before release to find and correct vulnerabilities",
      "6.2.4": "Engineering techniques prevent common attacks on own software",
      "6.3.1": "Vulnerabilities are identified and ranked by risk",
      "6.3.2": "An inventory of own software and of third-party components is kept, to manage vulnerabilities",
      "6.3.3": "Components are protected from known vulnerabilities by timely updates",
      "6.5.1": "Changes to production follow a procedure with security testing and approval",
      "8.6.2": "Passwords of application and system accounts are not hard-coded in scripts, configuration or source"
    }
  },
  "soc2": {
    "title": "SOC 2, Trust Services Criteria 2017 (points of focus 2022)",
    "controls": {
      "CC6.1": "Logical access to protected information assets is restricted",
      "CC7.1": "Configuration changes and new vulnerabilities are detected",
      "CC8.1": "Changes are authorized, tested and approved before they are put in place"
    }
  },
  "iso27001-2022": {
    "title": "ISO/IEC 27001:2022, Annex A",
    "controls": {
      "A.5.17": "Authentication information is managed and kept from disclosure",
      "A.8.7": "Systems are protected against malware",
      "A.8.8": "Technical vulnerabilities are known, judged and dealt with",
      "A.8.29": "Security is tested during development and before acceptance"
    }
  }
};
