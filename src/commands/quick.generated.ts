// Written by `npm run generate` from the declarations of the commands. Do not edit.

import type { QuickField } from './inputs.ts';

/** Name of a command to its inputs. */
export const quickFields: Readonly<Record<string, readonly QuickField[]>> = {
  "gate": [
    {
      "key": "path",
      "name": "path",
      "kind": "string",
      "required": false,
      "choices": null,
      "standard": ".",
      "most": 1,
      "plain": true,
      "positional": true
    },
    {
      "key": "gate",
      "name": "gate",
      "kind": "string",
      "required": false,
      "choices": [
        "pull-request",
        "release",
        "deploy"
      ],
      "standard": "pull-request",
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "base",
      "name": "base",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "policy",
      "name": "policy",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "sarif",
      "name": "sarif",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "baseSarif",
      "name": "base-sarif",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "engine",
      "name": "engine",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "fix",
      "name": "fix",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "subject",
      "name": "subject",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "resource",
      "name": "resource",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "environment",
      "name": "environment",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "evidence",
      "name": "evidence",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "running",
      "name": "running",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "rollbackTo",
      "name": "rollback-to",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "denyList",
      "name": "deny-list",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "breakGlass",
      "name": "break-glass",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "sign",
      "name": "sign",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "maxRootAge",
      "name": "max-root-age",
      "kind": "number",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": false,
      "positional": false
    },
    {
      "key": "explain",
      "name": "explain",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "identityToken",
      "name": "identity-token",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "key",
      "name": "key",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "keyPassphrase",
      "name": "key-passphrase",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "signingConfig",
      "name": "signing-config",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "instance",
      "name": "instance",
      "kind": "string",
      "required": false,
      "choices": [
        "public-good",
        "github"
      ],
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "trustedRoot",
      "name": "trusted-root",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "publishIdentity",
      "name": "publish-identity",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "store",
      "name": "store",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "advisories",
      "name": "advisories",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "buildOutput",
      "name": "build-output",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "report",
      "name": "report",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "quiet",
      "name": "quiet",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "verbose",
      "name": "verbose",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "offline",
      "name": "offline",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    }
  ],
  "scan": [
    {
      "key": "stage",
      "name": "stage",
      "kind": "string",
      "required": true,
      "choices": [
        "secrets",
        "code",
        "dependencies",
        "workflows",
        "configuration",
        "image",
        "web"
      ],
      "most": 1,
      "plain": true,
      "positional": true
    },
    {
      "key": "path",
      "name": "path",
      "kind": "string",
      "required": false,
      "choices": null,
      "standard": ".",
      "most": 1,
      "plain": true,
      "positional": true
    },
    {
      "key": "base",
      "name": "base",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "policy",
      "name": "policy",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "engine",
      "name": "engine",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "staged",
      "name": "staged",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "verify",
      "name": "verify",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "fix",
      "name": "fix",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "advisories",
      "name": "advisories",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "buildOutput",
      "name": "build-output",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "report",
      "name": "report",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "quiet",
      "name": "quiet",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "verbose",
      "name": "verbose",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "offline",
      "name": "offline",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    }
  ],
  "verify": [
    {
      "key": "subjects",
      "name": "subjects",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 1000,
      "plain": true,
      "positional": true
    },
    {
      "key": "bundle",
      "name": "bundle",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "identity",
      "name": "identity",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "identityPattern",
      "name": "identity-pattern",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "issuer",
      "name": "issuer",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "source",
      "name": "source",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "policy",
      "name": "policy",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "gate",
      "name": "gate",
      "kind": "string",
      "required": false,
      "choices": [
        "release",
        "deploy"
      ],
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "environment",
      "name": "environment",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "resource",
      "name": "resource",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "denyList",
      "name": "deny-list",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "manifest",
      "name": "manifest",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "key",
      "name": "key",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "type",
      "name": "type",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "trustedRoot",
      "name": "trusted-root",
      "kind": "list",
      "required": false,
      "choices": null,
      "standard": [],
      "most": 9007199254740991,
      "plain": true,
      "positional": false
    },
    {
      "key": "maxRootAge",
      "name": "max-root-age",
      "kind": "number",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": false,
      "positional": false
    },
    {
      "key": "explain",
      "name": "explain",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "report",
      "name": "report",
      "kind": "string",
      "required": false,
      "choices": [
        "table",
        "json"
      ],
      "standard": "table",
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "store",
      "name": "store",
      "kind": "string",
      "required": false,
      "choices": null,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "quiet",
      "name": "quiet",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "verbose",
      "name": "verbose",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    },
    {
      "key": "offline",
      "name": "offline",
      "kind": "boolean",
      "required": false,
      "choices": null,
      "standard": false,
      "most": 1,
      "plain": true,
      "positional": false
    }
  ]
};
