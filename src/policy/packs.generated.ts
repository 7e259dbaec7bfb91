// Written by `npm run generate` from action-policies/. Do not edit.

import type { Pack } from './layer.ts';

/** Name of a pack to what it says. */
export const packs: Readonly<Record<string, Pack>> = {
  "baseline": {
    "sha256": "4620f58ee25eacdd937ab13b083969d3010202dd9c9ce31c37ef387b1bc1feba",
    "file": {
      "version": 1,
      "title": "Baseline",
      "description": "A change must not bring findings of high severity. What was there before is shown as a warning.",
      "stages": {
        "dependencies": {
          "maxDataAge": "7d"
        }
      },
      "gates": {
        "pull-request": {
          "stages": {
            "configuration": "when-present",
            "secrets": "when-present",
            "dependencies": "when-present"
          },
          "rules": [
            "introduced-high",
            "introduced-medium",
            "existing-high",
            "malicious-dependency"
          ]
        },
        "release": {
          "stages": {
            "configuration": "when-present",
            "secrets": "when-present"
          },
          "rules": [
            "introduced-high",
            "introduced-medium"
          ]
        },
        "deploy": {
          "rules": [
            "introduced-high",
            "introduced-medium"
          ]
        }
      },
      "rules": [
        {
          "id": "introduced-high",
          "over": "finding",
          "condition": "finding.introduced != false && atLeast(finding.severity, \"high\")",
          "action": "fail",
          "message": "A change must not bring a finding of high or critical severity.",
          "controls": [
            "pci-dss-4:6.2.4",
            "pci-dss-4:6.5.1",
            "soc2:CC7.1",
            "soc2:CC8.1",
            "iso27001-2022:A.8.8",
            "iso27001-2022:A.8.29"
          ]
        },
        {
          "id": "introduced-medium",
          "over": "finding",
          "condition": "finding.introduced != false && finding.severity == \"medium\"",
          "action": "warn",
          "message": "A change should not bring a finding of medium severity.",
          "controls": [
            "pci-dss-4:6.2.4",
            "soc2:CC7.1",
            "iso27001-2022:A.8.29"
          ]
        },
        {
          "id": "existing-high",
          "over": "finding",
          "condition": "finding.introduced == false && atLeast(finding.severity, \"high\")",
          "action": "warn",
          "message": "A finding of high or critical severity was here before this change.",
          "controls": [
            "pci-dss-4:6.3.1",
            "soc2:CC7.1",
            "iso27001-2022:A.8.8"
          ]
        },
        {
          "id": "malicious-dependency",
          "over": "finding",
          "condition": "finding.rule == \"malicious-package\"",
          "action": "fail",
          "message": "A package that is known to be malicious must not be used, however long it has been there.",
          "controls": [
            "pci-dss-4:6.3.2",
            "soc2:CC7.1",
            "iso27001-2022:A.8.7"
          ]
        }
      ]
    },
    "places": {
      "/version": [
        3,
        1
      ],
      "/title": [
        4,
        1
      ],
      "/description": [
        5,
        1
      ],
      "/stages": [
        7,
        1
      ],
      "/stages/dependencies": [
        8,
        3
      ],
      "/stages/dependencies/maxDataAge": [
        10,
        5
      ],
      "/gates": [
        12,
        1
      ],
      "/gates/pull-request": [
        13,
        3
      ],
      "/gates/pull-request/stages": [
        14,
        5
      ],
      "/gates/pull-request/stages/configuration": [
        15,
        7
      ],
      "/gates/pull-request/stages/secrets": [
        16,
        7
      ],
      "/gates/pull-request/stages/dependencies": [
        17,
        7
      ],
      "/gates/pull-request/rules": [
        18,
        5
      ],
      "/gates/pull-request/rules/0": [
        19,
        9
      ],
      "/gates/pull-request/rules/1": [
        20,
        9
      ],
      "/gates/pull-request/rules/2": [
        21,
        9
      ],
      "/gates/pull-request/rules/3": [
        22,
        9
      ],
      "/gates/release": [
        25,
        3
      ],
      "/gates/release/stages": [
        26,
        5
      ],
      "/gates/release/stages/configuration": [
        27,
        7
      ],
      "/gates/release/stages/secrets": [
        28,
        7
      ],
      "/gates/release/rules": [
        29,
        5
      ],
      "/gates/release/rules/0": [
        30,
        9
      ],
      "/gates/release/rules/1": [
        31,
        9
      ],
      "/gates/deploy": [
        33,
        3
      ],
      "/gates/deploy/rules": [
        34,
        5
      ],
      "/gates/deploy/rules/0": [
        35,
        9
      ],
      "/gates/deploy/rules/1": [
        36,
        9
      ],
      "/rules": [
        38,
        1
      ],
      "/rules/0": [
        39,
        5
      ],
      "/rules/0/id": [
        39,
        5
      ],
      "/rules/0/over": [
        40,
        5
      ],
      "/rules/0/condition": [
        42,
        5
      ],
      "/rules/0/action": [
        43,
        5
      ],
      "/rules/0/message": [
        44,
        5
      ],
      "/rules/0/controls": [
        45,
        5
      ],
      "/rules/0/controls/0": [
        46,
        8
      ],
      "/rules/0/controls/1": [
        46,
        25
      ],
      "/rules/0/controls/2": [
        46,
        42
      ],
      "/rules/0/controls/3": [
        46,
        54
      ],
      "/rules/0/controls/4": [
        46,
        66
      ],
      "/rules/0/controls/5": [
        46,
        87
      ],
      "/rules/1": [
        48,
        5
      ],
      "/rules/1/id": [
        48,
        5
      ],
      "/rules/1/over": [
        49,
        5
      ],
      "/rules/1/condition": [
        50,
        5
      ],
      "/rules/1/action": [
        51,
        5
      ],
      "/rules/1/message": [
        52,
        5
      ],
      "/rules/1/controls": [
        53,
        5
      ],
      "/rules/1/controls/0": [
        53,
        16
      ],
      "/rules/1/controls/1": [
        53,
        33
      ],
      "/rules/1/controls/2": [
        53,
        45
      ],
      "/rules/2": [
        55,
        5
      ],
      "/rules/2/id": [
        55,
        5
      ],
      "/rules/2/over": [
        56,
        5
      ],
      "/rules/2/condition": [
        57,
        5
      ],
      "/rules/2/action": [
        58,
        5
      ],
      "/rules/2/message": [
        59,
        5
      ],
      "/rules/2/controls": [
        60,
        5
      ],
      "/rules/2/controls/0": [
        60,
        16
      ],
      "/rules/2/controls/1": [
        60,
        33
      ],
      "/rules/2/controls/2": [
        60,
        45
      ],
      "/rules/3": [
        62,
        5
      ],
      "/rules/3/id": [
        62,
        5
      ],
      "/rules/3/over": [
        63,
        5
      ],
      "/rules/3/condition": [
        64,
        5
      ],
      "/rules/3/action": [
        65,
        5
      ],
      "/rules/3/message": [
        66,
        5
      ],
      "/rules/3/controls": [
        67,
        5
      ],
      "/rules/3/controls/0": [
        67,
        16
      ],
      "/rules/3/controls/1": [
        67,
        33
      ],
      "/rules/3/controls/2": [
        67,
        45
      ]
    }
  },
  "pci-dss-4": {
    "sha256": "abe7493d301011358155e19095318fd939a85dcf9a70e6972629c7a5b5c22cee",
    "file": {
      "version": 1,
      "title": "PCI DSS 4",
      "description": "Strict, with code analysis always, no authentication data in source or images, and waivers of at most 90 days.",
      "extends": [
        "strict"
      ],
      "gates": {
        "pull-request": {
          "stages": {
            "configuration": "when-present",
            "secrets": "always",
            "code": "always"
          },
          "rules": [
            "no-authentication-data",
            "engine-had-rules"
          ]
        },
        "release": {
          "stages": {
            "secrets": "always",
            "code": "always"
          },
          "rules": [
            "no-authentication-data",
            "engine-had-rules"
          ]
        }
      },
      "limits": {
        "waiverDays": 90
      },
      "rules": [
        {
          "id": "no-authentication-data",
          "over": "finding",
          "condition": "finding.stage == \"secrets\" || finding.tags.exists(tag, tag in [\"CWE-798\", \"CWE-259\", \"CWE-522\", \"CWE-312\"])",
          "action": "fail",
          "message": "Passwords, keys and tokens must not stand in source, configuration or images.",
          "controls": [
            "pci-dss-4:8.6.2",
            "soc2:CC6.1",
            "iso27001-2022:A.5.17"
          ]
        },
        {
          "id": "engine-had-rules",
          "over": "run",
          "condition": "run.state != \"nothing-scanned\" && run.rules == 0",
          "action": "fail",
          "message": "An engine without a rule finds nothing, whatever is there.",
          "controls": [
            "pci-dss-4:6.2.3",
            "iso27001-2022:A.8.29"
          ]
        }
      ]
    },
    "places": {
      "/version": [
        3,
        1
      ],
      "/title": [
        4,
        1
      ],
      "/description": [
        5,
        1
      ],
      "/extends": [
        6,
        1
      ],
      "/extends/0": [
        6,
        11
      ],
      "/gates": [
        8,
        1
      ],
      "/gates/pull-request": [
        9,
        3
      ],
      "/gates/pull-request/stages": [
        10,
        5
      ],
      "/gates/pull-request/stages/configuration": [
        11,
        7
      ],
      "/gates/pull-request/stages/secrets": [
        12,
        7
      ],
      "/gates/pull-request/stages/code": [
        13,
        7
      ],
      "/gates/pull-request/rules": [
        14,
        5
      ],
      "/gates/pull-request/rules/0": [
        15,
        9
      ],
      "/gates/pull-request/rules/1": [
        16,
        9
      ],
      "/gates/release": [
        18,
        3
      ],
      "/gates/release/stages": [
        19,
        5
      ],
      "/gates/release/stages/secrets": [
        20,
        7
      ],
      "/gates/release/stages/code": [
        21,
        7
      ],
      "/gates/release/rules": [
        22,
        5
      ],
      "/gates/release/rules/0": [
        23,
        9
      ],
      "/gates/release/rules/1": [
        24,
        9
      ],
      "/limits": [
        26,
        1
      ],
      "/limits/waiverDays": [
        27,
        3
      ],
      "/rules": [
        29,
        1
      ],
      "/rules/0": [
        30,
        5
      ],
      "/rules/0/id": [
        30,
        5
      ],
      "/rules/0/over": [
        31,
        5
      ],
      "/rules/0/condition": [
        32,
        5
      ],
      "/rules/0/action": [
        35,
        5
      ],
      "/rules/0/message": [
        36,
        5
      ],
      "/rules/0/controls": [
        37,
        5
      ],
      "/rules/0/controls/0": [
        37,
        16
      ],
      "/rules/0/controls/1": [
        37,
        33
      ],
      "/rules/0/controls/2": [
        37,
        45
      ],
      "/rules/1": [
        39,
        5
      ],
      "/rules/1/id": [
        39,
        5
      ],
      "/rules/1/over": [
        40,
        5
      ],
      "/rules/1/condition": [
        41,
        5
      ],
      "/rules/1/action": [
        42,
        5
      ],
      "/rules/1/message": [
        43,
        5
      ],
      "/rules/1/controls": [
        44,
        5
      ],
      "/rules/1/controls/0": [
        44,
        16
      ],
      "/rules/1/controls/1": [
        44,
        33
      ]
    }
  },
  "strict": {
    "sha256": "b2fa9b3b2f71347a6a57f542276b86575d72bcabfd3311efa6b1d57a13607d86",
    "file": {
      "version": 1,
      "title": "Strict",
      "description": "Baseline, with code analysis asked for, medium severity failing, and existing high severity failing too.",
      "extends": [
        "baseline"
      ],
      "stages": {
        "dependencies": {
          "options": {
            "vulnerabilities": "required"
          }
        }
      },
      "gates": {
        "pull-request": {
          "stages": {
            "configuration": "when-present",
            "code": "when-present"
          },
          "rules": [
            "introduced-low",
            "engine-looked-at-everything",
            "exploited-vulnerability"
          ]
        },
        "release": {
          "stages": {
            "code": "when-present"
          },
          "rules": [
            "introduced-low",
            "engine-looked-at-everything"
          ]
        }
      },
      "limits": {
        "waiverDays": 180
      },
      "rules": [
        {
          "id": "introduced-medium",
          "action": "fail"
        },
        {
          "id": "existing-high",
          "action": "fail"
        },
        {
          "id": "introduced-low",
          "over": "finding",
          "condition": "finding.introduced != false && finding.severity == \"low\"",
          "action": "warn",
          "message": "A change brings a finding of low severity.",
          "controls": [
            "iso27001-2022:A.8.29"
          ]
        },
        {
          "id": "engine-looked-at-everything",
          "over": "run",
          "condition": "run.how != \"handed-in\" && !run.complete",
          "action": "fail",
          "message": "An engine could not look at everything of its kind.",
          "controls": [
            "pci-dss-4:6.2.3",
            "soc2:CC7.1",
            "iso27001-2022:A.8.29"
          ]
        },
        {
          "id": "exploited-vulnerability",
          "over": "finding",
          "condition": "finding.exploited == true",
          "action": "fail",
          "message": "A vulnerability that is known to be exploited must be mended at once, whatever it is rated.",
          "controls": [
            "pci-dss-4:6.3.3",
            "soc2:CC7.1",
            "iso27001-2022:A.8.8"
          ]
        }
      ],
      "banned": [
        {
          "id": "look-alike",
          "condition": "component.resembles != null",
          "reason": "its name could be taken for that of a well-known package",
          "instead": "Make sure that it is the one that was meant.",
          "action": "warn",
          "existing": "warn"
        }
      ]
    },
    "places": {
      "/version": [
        3,
        1
      ],
      "/title": [
        4,
        1
      ],
      "/description": [
        5,
        1
      ],
      "/extends": [
        6,
        1
      ],
      "/extends/0": [
        6,
        11
      ],
      "/stages": [
        8,
        1
      ],
      "/stages/dependencies": [
        9,
        3
      ],
      "/stages/dependencies/options": [
        11,
        5
      ],
      "/stages/dependencies/options/vulnerabilities": [
        11,
        16
      ],
      "/gates": [
        13,
        1
      ],
      "/gates/pull-request": [
        14,
        3
      ],
      "/gates/pull-request/stages": [
        15,
        5
      ],
      "/gates/pull-request/stages/configuration": [
        16,
        7
      ],
      "/gates/pull-request/stages/code": [
        17,
        7
      ],
      "/gates/pull-request/rules": [
        18,
        5
      ],
      "/gates/pull-request/rules/0": [
        19,
        9
      ],
      "/gates/pull-request/rules/1": [
        20,
        9
      ],
      "/gates/pull-request/rules/2": [
        21,
        9
      ],
      "/gates/release": [
        23,
        3
      ],
      "/gates/release/stages": [
        24,
        5
      ],
      "/gates/release/stages/code": [
        25,
        7
      ],
      "/gates/release/rules": [
        26,
        5
      ],
      "/gates/release/rules/0": [
        27,
        9
      ],
      "/gates/release/rules/1": [
        28,
        9
      ],
      "/limits": [
        30,
        1
      ],
      "/limits/waiverDays": [
        31,
        3
      ],
      "/rules": [
        40,
        1
      ],
      "/rules/0": [
        41,
        5
      ],
      "/rules/0/id": [
        41,
        5
      ],
      "/rules/0/action": [
        42,
        5
      ],
      "/rules/1": [
        44,
        5
      ],
      "/rules/1/id": [
        44,
        5
      ],
      "/rules/1/action": [
        45,
        5
      ],
      "/rules/2": [
        47,
        5
      ],
      "/rules/2/id": [
        47,
        5
      ],
      "/rules/2/over": [
        48,
        5
      ],
      "/rules/2/condition": [
        49,
        5
      ],
      "/rules/2/action": [
        50,
        5
      ],
      "/rules/2/message": [
        51,
        5
      ],
      "/rules/2/controls": [
        52,
        5
      ],
      "/rules/2/controls/0": [
        52,
        16
      ],
      "/rules/3": [
        54,
        5
      ],
      "/rules/3/id": [
        54,
        5
      ],
      "/rules/3/over": [
        55,
        5
      ],
      "/rules/3/condition": [
        56,
        5
      ],
      "/rules/3/action": [
        57,
        5
      ],
      "/rules/3/message": [
        58,
        5
      ],
      "/rules/3/controls": [
        59,
        5
      ],
      "/rules/3/controls/0": [
        59,
        16
      ],
      "/rules/3/controls/1": [
        59,
        33
      ],
      "/rules/3/controls/2": [
        59,
        45
      ],
      "/rules/4": [
        61,
        5
      ],
      "/rules/4/id": [
        61,
        5
      ],
      "/rules/4/over": [
        62,
        5
      ],
      "/rules/4/condition": [
        63,
        5
      ],
      "/rules/4/action": [
        64,
        5
      ],
      "/rules/4/message": [
        65,
        5
      ],
      "/rules/4/controls": [
        66,
        5
      ],
      "/rules/4/controls/0": [
        66,
        16
      ],
      "/rules/4/controls/1": [
        66,
        33
      ],
      "/rules/4/controls/2": [
        66,
        45
      ],
      "/banned": [
        33,
        1
      ],
      "/banned/0": [
        34,
        5
      ],
      "/banned/0/id": [
        34,
        5
      ],
      "/banned/0/condition": [
        35,
        5
      ],
      "/banned/0/reason": [
        36,
        5
      ],
      "/banned/0/instead": [
        37,
        5
      ],
      "/banned/0/action": [
        38,
        5
      ],
      "/banned/0/existing": [
        34,
        5
      ]
    }
  }
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
