import type { Texts } from "../texts.js";

const texts: Texts = {
  loading: [
    "Un instant",
    "Le lien est en cours de vérification.",
  ],
  ready: [
    "Confirmez votre adresse e-mail",
    "Appuyez sur le bouton pour utiliser cette adresse avec votre compte. Rien ne change avant cela.",
    "Confirmer l’adresse",
  ],
  "ready-to-undo": [
    "Annuler le changement d’adresse ?",
    "Appuyez sur le bouton pour remettre cette adresse sur votre compte. Rien ne change avant cela.",
    "Annuler le changement",
  ],
  working: [
    "Un instant",
    "Votre réponse est en cours d’envoi.",
  ],
  verified: [
    "Adresse confirmée",
    "Votre compte utilise désormais cette adresse. Vous pouvez fermer cette page.",
  ],
  "already-verified": [
    "Déjà confirmée",
    "Cette adresse a déjà été confirmée. Il ne reste rien à faire, vous pouvez fermer cette page.",
  ],
  undone: [
    "Changement annulé",
    "Le changement d’adresse a été annulé. Si vous ne l’aviez pas demandé, changez votre mot de passe maintenant.",
  ],
  expired: [
    "Ce lien est trop ancien",
    "Les liens ne sont valables qu’un certain temps. Connectez-vous et demandez-en un nouveau.",
  ],
  altered: [
    "Ce lien n’est pas celui qui a été envoyé",
    "Ouvrez-le de nouveau depuis l’e-mail, ou copiez-le en entier. Si cela ne suffit pas, demandez-en un nouveau.",
  ],
  incomplete: [
    "Il manque une partie du lien",
    "Ouvrez-le de nouveau depuis l’e-mail, ou copiez-le en entier dans la barre d’adresse.",
  ],
  superseded: [
    "Il existe un lien plus récent",
    "Ouvrez l’e-mail le plus récent, ou connectez-vous et demandez un nouveau lien.",
  ],
  used: [
    "Ce lien a déjà servi",
    "Il ne sert qu’une fois. Pour changer encore d’adresse, connectez-vous et demandez un nouveau lien.",
  ],
  cancelled: [
    "Ce changement a été abandonné",
    "Le titulaire du compte l’a arrêté. Si ce n’était pas vous, connectez-vous et demandez un nouveau lien.",
  ],
  taken: [
    "Cette adresse est déjà prise",
    "Un autre compte l’utilise. Connectez-vous à ce compte, ou utilisez une autre adresse.",
  ],
  refused: [
    "Cela n’a pas fonctionné",
    "Le site n’accepte pas ce lien. Demandez-en un nouveau, ou contactez le site.",
  ],
  offline: [
    "Le site ne répond pas",
    "Vérifiez votre connexion et réessayez. Réessayer ne fait aucun mal.",
    "Réessayer",
  ],
  unsupported: [
    "Cette page ne peut pas vérifier le lien",
    "Ouvrez le lien dans un autre navigateur, ou contactez le site.",
  ],
  wait: "Attendez d’abord {seconds} secondes.",
};

export default texts;
