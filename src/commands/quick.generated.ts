// Written by `npm run generate` from the declarations of the commands. Do not edit.

import type { QuickField } from './inputs.ts';

/** Name of a command to its inputs. */
export const quickFields: Readonly<Record<string, readonly QuickField[]>> = {
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
