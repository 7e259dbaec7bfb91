import { z } from 'zod';
import { identityInputs } from './signing-inputs.ts';

const text = (description: string, placeholder: string) =>
  z.string().optional().meta({ description, placeholder, environment: false });
const list = (description: string, placeholder: string) =>
  z.array(z.string()).default([]).meta({ description, placeholder, environment: false });

/** Inputs of the gates that decide about an artefact. */
export const artifactInputs = {
  subject: text(
    'Release, deploy: what is decided about: FILE, oci:DIR[:TAG], REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:HEX.',
    'SUBJECT',
  ),
  resource: text(
    'Release, deploy: what the artefact is called where it will be found; its own name where nothing is said.',
    'URI',
  ),
  environment: text('Deploy: where it is to go.', 'NAME'),
  evidence: list(
    'Release: what a stage job of this run hands over, by the digest of its output.',
    '[JOB=]FILE@sha256:HEX',
  ),
  running: text('Deploy: what runs there now; an older release is refused.', 'SUBJECT'),
  rollbackTo: text(
    'Deploy: go back to this digest, which was deployed there before, whatever its age.',
    'sha256:HEX',
  ),
  denyList: text('Deploy: the signed list of what is denied.', 'FILE'),
  breakGlass: list('Deploy: an exception that a person signed; two are needed.', 'FILE'),
  sign: z.boolean().default(false).meta({
    description: 'Release, deploy: sign the evidence and the summary, and keep them beside the artefact.',
    environment: false,
  }),
  maxRootAge: z.int().min(1).max(3660).optional().meta({
    description:
      'How old the trusted root may be, in days, when the network is not used; the policy can only lower it.',
    placeholder: 'DAYS',
    environment: false,
  }),
  explain: z.boolean().default(false).meta({ description: 'Deploy: show what was checked against what.' }),
  ...identityInputs,
};

/** What the gates read that decide about an artefact. */
export type ArtifactInputs = z.output<z.ZodObject<typeof artifactInputs>> & {
  advisories?: string | undefined;
};
